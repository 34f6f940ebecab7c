"""Messages and tools for OpenAI's models on the resource API: text as one string, parts where there are images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, JsonObject, Message, Text, Tool, ToolResult
from argo_proxy.upstreams.json_schema import object_tool
from argo_proxy.upstreams.resource.body import WireMessage, WireTools, encode_body, openai_content, pictures
from argo_proxy.upstreams.resource.reply import decode_stream as decode_stream
from argo_proxy.upstreams.resource.reply import decode_whole as decode_whole
from argo_proxy.upstreams.resource.turns import begun


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


def encode(request: ChatRequest, card: ModelCard, user: str) -> bytes:
    """The body of the call."""
    messages: list[WireMessage] = []
    for message in begun(request.messages):
        messages += _messages(message)
    tools = _tools(request) if request.tools else WireTools()
    return encode_body(messages, request, card, user, tools)


def _messages(message: Message) -> Iterable[WireMessage]:
    if message.role == "tool":
        return _results([part for part in message.parts if isinstance(part, ToolResult)])
    if not message.calls:
        return (WireMessage(message.role, openai_content(message.parts), message.name),)
    said = [part for part in message.parts if isinstance(part, Text) and part.text]
    calls = [_Call(call.call_id, _Called(call.name, call.arguments)) for call in message.calls]
    return (WireMessage(message.role, openai_content(said) if said else None, message.name, calls),)


def _results(results: Sequence[ToolResult]) -> Iterator[WireMessage]:
    for result in results:
        yield WireMessage("tool", result.text, tool_call_id=result.call_id)
    if (shown := pictures(results)) is not None:
        yield shown


def _tools(request: ChatRequest) -> WireTools:
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
