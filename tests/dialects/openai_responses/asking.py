"""Bodies for the tests of this dialect, and what is made of them."""

import json
from typing import Any

import pytest

from argo_proxy.canonical.chat import ChatRequest, Reply, Usage
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.openai_responses import parse
from argo_proxy.dialects.openai_responses.items import Item, read_items

USAGE = Usage(7, 5, estimated=False)
F: dict[str, object] = {"type": "function", "name": "f"}
SEARCH: dict[str, object] = {"type": "tool_search", "execution": "client", "description": "Search."}


def parsed(*items: dict[str, object], **more: object) -> ChatRequest:
    return parse(json.dumps({"model": "argo:gpt-4o", "input": list(items) or "hi", **more}).encode())


def refusal(*items: dict[str, object], **more: object) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        parsed(*items, **more)
    return caught.value


def user(text: str = "hi") -> dict[str, object]:
    return {"role": "user", "content": text}


def call(name: str = "f", call_id: str = "call_1", **more: object) -> dict[str, object]:
    return {"type": "function_call", "call_id": call_id, "name": name, "arguments": "{}", **more}


def result(output: object, call_id: str = "call_1") -> dict[str, object]:
    return {"type": "function_call_output", "call_id": call_id, "output": output}


def namespace(name: str, *tools: dict[str, object]) -> dict[str, object]:
    return {"type": "namespace", "name": name, "description": "", "tools": list(tools)}


def items(*given: dict[str, object]) -> tuple[Item, ...]:
    return read_items(list(given))


def reply(*parts: Any, reason: Any = "stop") -> Reply:
    return Reply(parts, reason, USAGE)
