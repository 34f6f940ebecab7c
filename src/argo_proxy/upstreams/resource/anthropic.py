"""Messages and tools for Anthropic's models on the resource API, in Anthropic's blocks; no blank text, no names."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import (
    ChatRequest,
    Image,
    ImageLink,
    JsonObject,
    Message,
    Part,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from argo_proxy.upstreams.json_schema import object_tool
from argo_proxy.upstreams.resource.body import (
    Base64Source,
    Block,
    ImageBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
    WireMessage,
    WireTools,
)
from argo_proxy.upstreams.resource.encoding import encode_body, misplaced, object_of
from argo_proxy.upstreams.resource.reply import decode_stream as decode_stream
from argo_proxy.upstreams.resource.reply import decode_whole as decode_whole
from argo_proxy.upstreams.resource.turns import opened, spoken

_NO_ARGUMENTS: JsonObject = {"type": "object", "properties": {}}


class _Tool(Struct, omit_defaults=True):
    name: str
    input_schema: JsonObject
    description: str | None = None


class _Choice(Struct, omit_defaults=True):
    type: str
    name: str | None = None


def encode(request: ChatRequest, card: ModelCard, user: str) -> bytes:
    """The body of the call."""
    messages = [_message(message) for message in opened(spoken(request.messages))]
    tools = WireTools([_tool(tool) for tool in request.tools], _choice(request)) if request.tools else WireTools()
    return encode_body(_trimmed(messages), request, card, user, tools)


def _message(message: Message) -> WireMessage:
    match message.role, message.parts:
        case "system", _:
            return WireMessage("system", message.text)
        case "tool", parts:
            return WireMessage("user", [_block(part) for part in parts])
        case role, (Text(text),):
            return WireMessage(role, text)
        case role, parts:
            return WireMessage(role, [_block(part) for part in parts])


def _block(part: Part) -> Block:
    match part:
        case Text(text):
            return TextBlock(text)
        case Image(media_type, data):
            return ImageBlock(Base64Source(media_type, data))
        case ToolCall(call_id, name, arguments):
            return ToolUseBlock(call_id, name, object_of(arguments))
        case ToolResult(call_id):
            return ToolResultBlock(call_id, _result_content(part))
        case ImageLink():
            raise misplaced(part)


def _result_content(result: ToolResult) -> str | Sequence[Block] | None:
    """Anthropic refuses blank text, but takes a result without content."""
    told = [part for part in result.content if not isinstance(part, Text) or part.text.strip()]
    match told:
        case []:
            return None
        case [Text(text)]:
            return text
        case _:
            return [_block(part) for part in told]


def _trimmed(messages: Sequence[WireMessage]) -> Sequence[WireMessage]:
    """Anthropic refuses white space at the end of a last turn that the assistant is to go on from."""
    last = messages[-1]
    if last.role != "assistant":
        return messages
    match last.content:
        case str(text):
            trimmed = WireMessage(last.role, text.rstrip())
        case [*blocks, TextBlock(text)]:
            trimmed = WireMessage(last.role, [*blocks, TextBlock(text.rstrip())])
        case _:
            trimmed = last
    return (*messages[:-1], trimmed)


def _tool(tool: Tool) -> _Tool:
    fitted = object_tool(tool)
    return _Tool(fitted.name, fitted.parameters or _NO_ARGUMENTS, fitted.description)


def _choice(request: ChatRequest) -> _Choice | None:
    match request.tool_choice.mode, request.tool_choice.names:
        case "auto", _:
            return None
        case "none", _:
            return _Choice("none")
        case "required", (name, *_):
            return _Choice("tool", name)
        case "required", _:
            return _Choice("any")
