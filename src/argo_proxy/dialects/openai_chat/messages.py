"""The messages of a chat in canonical form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from argo_proxy.canonical.chat import Content, ImageLink, Message, Part, Role, Text, ToolCall, ToolResult
from argo_proxy.canonical.image import image_from_data_url
from argo_proxy.dialects.openai_chat.body import (
    Assistant,
    Developer,
    FunctionMessage,
    ImagePart,
    ImageUrl,
    System,
    TextPart,
    ToolMessage,
    User,
    WireMessage,
)


def read_messages(messages: Sequence[WireMessage]) -> tuple[Message, ...]:
    """The conversation. Raises BadRequest for an image that is none."""
    return tuple([_message(index, message) for index, message in enumerate(messages)])


def _message(index: int, message: WireMessage) -> Message:
    match message:
        case System(content, name) | Developer(content, name):
            return _text_message("system", content, name)
        case User(content, name):
            return Message("user", _content(index, content), name)
        case Assistant():
            return Message("assistant", tuple(_assistant_parts(message)), message.name)
        case ToolMessage(call_id, content):
            return Message("tool", (ToolResult(call_id, _content(index, content or "")),))
        case FunctionMessage(name, content):
            return Message("tool", (ToolResult(_function_id(name), (Text(content or ""),)),))


def _text_message(role: Role, content: str | list[TextPart], name: str | None) -> Message:
    texts = (content,) if isinstance(content, str) else [part.text for part in content]
    return Message(role, tuple([Text(text) for text in texts]), name)


def _content(index: int, content: str | list[TextPart | ImagePart]) -> tuple[Content, ...]:
    if isinstance(content, str):
        return (Text(content),)
    return tuple([_part(part, f"messages[{index}].content[{number}]") for number, part in enumerate(content)])


def _part(part: TextPart | ImagePart, param: str) -> Content:
    match part:
        case TextPart(text):
            return Text(text)
        case ImagePart(image_url):
            return _image(image_url, f"{param}.image_url.url")


def _image(image: ImageUrl, param: str) -> Content:
    detail = image.detail or "auto"
    if image.url[:8].lower().startswith(("http://", "https://")):
        return ImageLink(image.url, detail)
    return replace(image_from_data_url(image.url, param), detail=detail)


def _assistant_parts(message: Assistant) -> Iterator[Part]:
    content = message.content
    if isinstance(content, list):
        yield from (Text(part.text if isinstance(part, TextPart) else part.refusal) for part in content)
    elif (said := content if content is not None else message.refusal) or not _calls(message):
        yield Text(said or "")
    yield from _calls(message)


def _calls(message: Assistant) -> Sequence[ToolCall]:
    calls = [ToolCall(call.id, call.function.name, call.function.arguments) for call in message.tool_calls or ()]
    if (called := message.function_call) is not None:
        calls.append(ToolCall(_function_id(called.name), called.name, called.arguments))
    return calls


def _function_id(name: str) -> str:
    """Functions, of old, went by their names: a result belongs to the last call of its name."""
    return f"function {name}"
