"""From items to the messages of a conversation in canonical form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from argo_proxy.canonical import chat
from argo_proxy.canonical.chat import ImageLink, JsonObject, Text, ToolCall, ToolResult
from argo_proxy.canonical.errors import Unsupported
from argo_proxy.canonical.image import image_from_data_url
from argo_proxy.dialects.openai_responses.gist import check_number, recalled
from argo_proxy.dialects.openai_responses.items import (
    AdditionalTools,
    Compaction,
    Content,
    CustomCall,
    CustomOutput,
    FunctionCall,
    FunctionOutput,
    InputAudio,
    InputFile,
    InputImage,
    InputText,
    Item,
    ItemReference,
    Message,
    OutputText,
    Reasoning,
    RefusalText,
    ToolSearchCall,
    ToolSearchOutput,
)
from argo_proxy.dialects.openai_responses.tools import TOOL_SEARCH, flat_name, read_tools

_DETAILS: dict[str, Literal["auto", "low", "high"]] = {"low": "low", "high": "high", "original": "high"}


def read_conversation(items: Sequence[Item], first: int = 0) -> tuple[chat.Message, ...]:
    """The messages that the items tell; an error counts them from `first`.

    Raises BadRequest, or Unsupported for content that no model here takes.
    """
    check_number(sum(isinstance(item, Compaction) for item in items))
    turns: list[_Turn] = []
    for index, item in enumerate(items, first):
        for message in _messages(item, f"input[{index}]"):
            if not (turns and turns[-1].takes(message)):
                turns.append(_Turn(message))
    return tuple(turn.message() for turn in turns)


class _Turn:
    """A message that may go on: calls belong to what the assistant says before, after and between them."""

    def __init__(self, message: chat.Message) -> None:
        self._role: chat.Role = message.role
        self._parts = list(message.parts)
        self._calls = bool(message.calls)

    def takes(self, message: chat.Message) -> bool:
        """Whether the message goes on with this turn, which has it then."""
        goes_on = self._role == message.role == "assistant" and (self._calls or bool(message.calls))
        if goes_on:
            self._parts += message.parts
            self._calls = True
        return goes_on

    def message(self) -> chat.Message:
        return chat.Message(self._role, tuple(self._parts))


def _messages(item: Item, where: str) -> Iterator[chat.Message]:
    match item:
        case Message(role, content):
            yield _message("system" if role == "developer" else role, content, f"{where}.content")
        case FunctionCall(call_id, name, arguments, namespace):
            yield _turn(ToolCall(call_id, flat_name(namespace, name), arguments))
        case CustomCall(call_id, name, text, namespace):
            yield _turn(ToolCall(call_id, flat_name(namespace, name), _json({"input": text})))
        case FunctionOutput(call_id, output) | CustomOutput(call_id, output):
            yield chat.Message("tool", (ToolResult(call_id, tuple(_parts(output, f"{where}.output"))),))
        case Compaction(content):
            yield chat.Message("user", (Text(recalled(content, where)),))
        case ToolSearchCall(arguments, call_id):
            yield _turn(ToolCall(call_id or "", TOOL_SEARCH, _json(arguments)))
        case ToolSearchOutput(tools, call_id):
            yield chat.Message("tool", (ToolResult(call_id or "", (Text(_found(tools)),)),))
        case Reasoning() | AdditionalTools() | ItemReference():
            pass  # nobody on ARGO can read another's thoughts, tools.py reads tools, and references are resolved first


def _message(role: chat.Role, content: Content, where: str) -> chat.Message:
    parts = tuple(_parts(content, where))
    for index, part in enumerate(parts):
        if role != "user" and not isinstance(part, Text):
            raise Unsupported("only what the user says can have images in it", param=f"{where}[{index}]")
    return chat.Message(role, parts or (Text(""),))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _found(tools: Iterable[JsonObject]) -> str:
    """The tools under the names by which they can be called; their parameters stand with the other tools."""
    return _json([{"name": tool.name, "description": tool.description} for tool in read_tools((), tools).tools])


def _turn(call: ToolCall) -> chat.Message:
    return chat.Message("assistant", (call,))


def _parts(content: Content, where: str) -> Iterator[chat.Content]:
    if isinstance(content, str):
        yield Text(content)
        return
    for index, part in enumerate(content):
        match part:
            case InputText(text) | OutputText(text) | RefusalText(text):
                yield Text(text)
            case InputImage():
                yield _image(part, f"{where}[{index}]")
            case InputFile() | InputAudio():
                kind = "files" if isinstance(part, InputFile) else "audio"
                raise Unsupported(f"models on ARGO take no {kind}, only text and images", param=f"{where}[{index}]")


def _image(image: InputImage, where: str) -> chat.Content:
    if image.image_url is None:
        raise Unsupported("there are no stored files here; give the image as 'image_url'", param=f"{where}.file_id")
    detail = _DETAILS.get(image.detail or "auto", "auto")
    if image.image_url[:8].lower().startswith(("http://", "https://")):
        return ImageLink(image.image_url, detail)
    return replace(image_from_data_url(image.image_url, f"{where}.image_url"), detail=detail)
