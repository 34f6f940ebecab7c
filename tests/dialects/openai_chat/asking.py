"""Bodies for the tests of this dialect, and what is made of them."""

import json

import pytest

from argo_proxy.canonical.chat import ChatRequest, Message
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.openai_chat import parse

HELLO = {"role": "user", "content": "hi"}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}}


def parsed(*messages: dict[str, object], **more: object) -> ChatRequest:
    return parse(json.dumps({"model": "argo:gpt-4o", "messages": messages or (HELLO,), **more}).encode())


def turn(**message: object) -> Message:
    """The one message of a conversation."""
    (message_read,) = parsed(message).messages
    return message_read


def refusal(*messages: dict[str, object], **more: object) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        parsed(*messages, **more)
    return caught.value


def image(url: str, **more: object) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def call(call_id: str, name: str = "f", arguments: str = "{}") -> dict[str, object]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def tool(name: str, **function: object) -> dict[str, object]:
    return {"type": "function", "function": {"name": name, **function}}


def named(name: str) -> dict[str, object]:
    return {"type": "function", "function": {"name": name}}


def allowed(mode: str, *names: str) -> dict[str, object]:
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": [named(name) for name in names]}}
