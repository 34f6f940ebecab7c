"""Tools and past calls as OpenAI's models take them on the resource API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from argo_proxy.canonical.chat import ChatRequest, JsonObject, Tool, ToolCall
from argo_proxy.upstreams.json_schema import object_tool
from argo_proxy.upstreams.resource.body import WireTools


class _Called(Struct):
    name: str
    arguments: str


class _Call(Struct, tag="function"):
    id: str
    function: _Called


class _Definition(Struct, omit_defaults=True):
    name: str
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool = False


class _Tool(Struct, tag="function"):
    function: _Definition


class _Name(Struct):
    name: str


class _Named(Struct, tag="function"):
    function: _Name


def write_calls(calls: Iterable[ToolCall]) -> Sequence[Struct]:
    """The calls of a turn of the assistant."""
    return [_Call(call.call_id, _Called(call.name, call.arguments)) for call in calls]


def write_tools(request: ChatRequest) -> WireTools:
    """The tools that may be called, and what is chosen of them."""
    choice: str | Struct | None
    match request.tool_choice.mode, request.tool_choice.names:
        case "required", (name, *_):
            choice = _Named(_Name(name))
        case "auto", _:
            choice = None
        case mode, _:
            choice = mode
    return WireTools([_tool(tool) for tool in request.tools], choice)


def _tool(tool: Tool) -> _Tool:
    fitted = object_tool(tool)
    strict = fitted.strict and fitted.parameters is not None  # OpenAI refuses to be strict about nothing
    return _Tool(_Definition(fitted.name, fitted.description, fitted.parameters, strict))
