"""Laws of the published description: it allows whatever is taken, so that what it forbids is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects import openai_chat, openai_responses
from argo_proxy.openapi.document import document
from tests.dialects.openai_responses import item_strategies as items
from tests.laws.strategies import law
from tests.laws.test_requests import anything, bodies, image_part, mutated, text_part

COMPONENTS = json.loads(document(keyed=False))["components"]
brief_law = settings(law, max_examples=50)
broken = st.lists(st.integers(0, 50), max_size=6) | st.none()


def published(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": COMPONENTS})


def agree(body: object, parse: Callable[[bytes], object], schema: Draft202012Validator) -> None:
    try:
        parse(json.dumps(body).encode())
    except BadRequest:
        return
    assert [error.message for error in schema.iter_errors(body)] == []  # pyright: ignore[reportArgumentType]


@brief_law
@given(body=bodies(text_part, image_part), path=broken, value=anything)
@example(body={"messages": [{"role": "system", "content": [{"text": "no type"}]}]}, path=None, value=None)
@example(body={"messages": [{"role": "user", "content": [{"text": "no type"}]}]}, path=None, value=None)
def test_a_chat_request_that_is_taken_is_one_that_is_published(
    body: Any, path: list[int] | None, value: object
) -> None:
    agree(body if path is None else mutated(body, path, value), openai_chat.parse, published("ChatRequest"))


@brief_law
@given(body=items.bodies(items.input_text, items.image), path=broken, value=anything)
@example(body={"input": [{"id": "msg_1"}]}, path=None, value=None)
@example(body={"input": [{"type": None, "role": "user", "content": "hi"}]}, path=None, value=None)
@example(body={"input": "x", "tools": [{"type": "web_search"}, {"type": "function", "name": "f"}]}, path=None, value=0)
def test_a_response_that_is_asked_for_is_asked_for_as_published(
    body: Any, path: list[int] | None, value: object
) -> None:
    agree(body if path is None else mutated(body, path, value), openai_responses.parse, published("ResponseRequest"))
