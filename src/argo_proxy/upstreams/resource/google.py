"""Messages and tools for Google's models on the resource API.

System content is one string, images are as OpenAI writes them, and a turn makes one call at a time: parallel calls are
unrolled to call, result, call, result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Raw, Struct

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, JsonObject, Message, Part, Text, Tool, ToolCall, ToolResult
from argo_proxy.upstreams.resource.body import WireMessage, WireTools
from argo_proxy.upstreams.resource.encoding import encode_body, object_of, openai_content, pictures
from argo_proxy.upstreams.resource.google_schema import gemini_tool
from argo_proxy.upstreams.resource.reply import decode_stream as decode_stream
from argo_proxy.upstreams.resource.reply import decode_whole as decode_whole
from argo_proxy.upstreams.resource.turns import begun, joined, spoken

_NO_OUTPUT = "(no output)"


class _Call(Struct):
    id: str
    name: str
    args: Raw


class _Declaration(Struct, omit_defaults=True):
    name: str
    description: str | None = None
    parameters: JsonObject | None = None


class _Allowed(Struct):
    allowed_function_names: Sequence[str]
    mode: str = "FUNCTION_CALLING"


def encode(request: ChatRequest, card: ModelCard, user: str) -> bytes:
    """The body of the call."""
    messages = list(_messages(begun(joined(spoken(request.messages)))))
    tools = _tools(request) if request.tools else WireTools()
    return encode_body(messages, request, card, user, tools)


def _messages(messages: Sequence[Message]) -> Iterator[WireMessage]:
    """Each turn that makes calls is followed by the turn of their results, in the same order."""
    calling = None
    for message in messages:
        match message.role:
            case "system":
                yield WireMessage("system", message.text)
            case "tool" if calling is not None:
                yield from _rounds(calling, message)
            case _ if message.calls:
                calling = message
            case role:
                yield WireMessage(role, openai_content(message.parts))


def _rounds(calling: Message, answering: Message) -> Iterator[WireMessage]:
    said: list[Part] = [part for part in calling.parts if isinstance(part, Text)]
    results = [part for part in answering.parts if isinstance(part, ToolResult)]
    for call, result in zip(calling.calls, results, strict=True):
        yield WireMessage("assistant", openai_content(said) if said else None, tool_calls=[_call(call)])
        yield WireMessage("tool", result.text or _NO_OUTPUT, call.name, tool_call_id=call.call_id)
        said = []
    if (shown := pictures(results)) is not None:
        yield shown


def _call(call: ToolCall) -> _Call:
    return _Call(call.call_id, call.name, object_of(call.arguments))


def _tools(request: ChatRequest) -> WireTools:
    choice: str | Struct | None
    match request.tool_choice.mode, request.tool_choice.names:
        case "auto", _:
            choice = None
        case "none", _:
            choice = "NONE"
        case "required", ():
            choice = "ANY"
        case "required", names:
            choice = _Allowed(names)
    return WireTools([_declaration(tool) for tool in request.tools], choice)


def _declaration(tool: Tool) -> _Declaration:
    fitted = gemini_tool(tool)
    return _Declaration(fitted.name, fitted.description, fitted.parameters)
