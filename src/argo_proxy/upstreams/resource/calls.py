"""The calls in an answer of the resource API. ARGO hands on what the provider says, so there are three spellings.

OpenAI     {"id", "type": "function", "function": {"name", "arguments": "json text"}}
Anthropic  {"id", "type": "tool_use", "name", "input": {..}}
Google     {"id": null or text, "name", "args": {..}}
"""

from __future__ import annotations

import json

import msgspec
from msgspec import Raw, Struct

from argo_proxy.canonical.chat import ToolCall
from argo_proxy.canonical.errors import UpstreamError

_ABSENT = Raw(b"")


class _Function(Struct):
    name: str | None = None
    arguments: Raw = _ABSENT


class WireCall(Struct):
    """A call in any of the spellings; their keys do not contradict each other."""

    id: str | None = None
    name: str | None = None
    input: Raw = _ABSENT
    args: Raw = _ABSENT
    function: _Function | None = None


def read_call(wire: WireCall) -> ToolCall:
    """The call; its id is empty where the provider gives none. Raises UpstreamError for one without a name."""
    name, arguments = wire.name, bytes(wire.input) or bytes(wire.args)
    if wire.function is not None:
        name, arguments = wire.function.name, bytes(wire.function.arguments)
    if not name:
        raise UpstreamError("ARGO's answer calls a tool without a name", code="bad_answer")
    return ToolCall(wire.id or "", name, _json_text(arguments))


def is_complete(call: ToolCall) -> bool:
    """Whether the arguments are whole: an answer that its limit cuts off ends inside them."""
    try:
        json.loads(call.arguments)  # which takes half a surrogate pair and huge numbers, too
    except (ValueError, RecursionError):
        return False
    return True


def _json_text(found: bytes) -> str:
    """JSON text, itself or inside a JSON string; nothing at all stands for no arguments."""
    text = msgspec.json.decode(found, type=str) if found.startswith(b'"') else found.decode()
    return "{}" if text.strip() in ("", "null") else text
