"""Calls and results of a conversation as the text that stands for them, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from argo_proxy.canonical.chat import Message, Part, Text, ToolCall, ToolResult
from argo_proxy.transforms.embedded_calls import Spelling

_OPENING, _CLOSING, _RESULT = "<tool_call>", "</tool_call>", "<tool_result"
_ABSENT = Raw(b"")


class _Written(Struct, omit_defaults=True):
    """A call as models are told to write it, and with the other names for `arguments` that they fall into."""

    name: str = ""
    arguments: Raw = _ABSENT
    parameters: Raw = _ABSENT
    input: Raw = _ABSENT
    args: Raw = _ABSENT
    function: _Written | None = None


_DECODER = msgspec.json.Decoder(_Written | list[_Written])


def in_words(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The conversation with its calls and results as text. Takes calls and results in pairs (history_repair)."""
    names = {call.call_id: call.name for message in messages for call in message.calls}
    return tuple(_in_words(message, names) for message in messages)


def spelling() -> Spelling:
    """How models were told to write calls."""
    return Spelling(_OPENING, _read, closing=_CLOSING, made_up=_RESULT)


def _in_words(message: Message, names: Mapping[str, str]) -> Message:
    if message.role == "tool":
        results = (part for part in message.parts if isinstance(part, ToolResult))
        return Message("user", tuple(part for result in results for part in _result(result, names)))
    if message.calls:
        said = [part.text for part in message.parts if isinstance(part, Text) and part.text]
        return replace(message, parts=(Text("\n".join([*said, *map(_call, message.calls)])),))
    return message


def _call(call: ToolCall) -> str:
    try:
        msgspec.json.decode(call.arguments)
        arguments = Raw(call.arguments.encode())
    except (msgspec.DecodeError, RecursionError):
        arguments = Raw(msgspec.json.encode(call.arguments))
    return f"{_OPENING}\n{msgspec.json.encode(_Written(call.name, arguments)).decode()}\n{_CLOSING}"


def _result(result: ToolResult, names: Mapping[str, str]) -> Iterator[Part]:
    name = escape(names.get(result.call_id, ""))
    yield Text(f'{_RESULT} name="{name}">\n{result.text}\n</tool_result>')
    yield from (part for part in result.content if not isinstance(part, Text))


def _read(text: str, as_json: str) -> tuple[ToolCall, ...]:
    """The calls that are written there: as they stand if that is JSON, or else as far as it can be told as JSON."""
    for candidate in (text, as_json):
        try:
            written = _DECODER.decode(candidate)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            continue
        calls = tuple(map(_read_call, [written] if isinstance(written, _Written) else written))
        return calls if all(call.name for call in calls) else ()
    return ()


def _read_call(written: _Written) -> ToolCall:
    """The call, whose name is empty where it has none."""
    call = written.function or written
    given = map(bytes, (call.arguments, call.parameters, call.input, call.args))
    found = next((raw for raw in given if raw not in (b"", b"null")), b"{}")
    arguments = msgspec.json.decode(found, type=str) if found.startswith(b'"') else found.decode()
    return ToolCall("", call.name, arguments or "{}")
