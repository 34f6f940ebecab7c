import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from argo_proxy.openapi.document import document

DOCUMENT: dict[str, Any] = json.loads(document(keyed=False))


def test_every_reference_leads_to_a_part_and_every_part_is_referred_to() -> None:
    parts = DOCUMENT["components"]
    there = {f"#/components/{kind}/{name}" for kind in ("schemas", "responses") for name in parts[kind]}
    assert set(re.findall(r'"(#/[^"]+)"', json.dumps(DOCUMENT))) == there


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_every_part_is_a_schema_of_the_draft_that_openapi_3_1_means(name: str) -> None:
    Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"][name])
    assert re.fullmatch(r"[A-Za-z][A-Za-z.]*", name)


def test_a_key_is_needed_where_the_proxy_has_some() -> None:
    assert DOCUMENT["security"] == [{"key": []}, {}]
    assert json.loads(document(keyed=True))["security"] == [{"key": []}]


def test_an_answer_has_all_its_fields_and_a_request_may_leave_out_what_has_a_default() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["Response"]["required"] == list(schemas["Response"]["properties"])
    assert schemas["ChatRequest"]["required"] == ["messages"]


def test_what_tells_an_objects_kind_is_needed_where_there_are_several() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["ChatRequest.FunctionTool"]["required"] == ["function"]
    assert schemas["ChatRequest"]["properties"]["messages"]["items"]["required"] == ["role"]
