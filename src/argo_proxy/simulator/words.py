"""What a model says, text and tool calls, and the calls that a user's text asks it for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import Final

from argo_proxy.simulator.shapes import JsonObject, is_object

_CALL: Final = re.compile(r"call ([\w.-]+)\(\s*(?=\{)")


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: JsonObject
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What the model says: text, tool calls, or both."""

    text: str | None = None
    calls: tuple[Call, ...] = ()


def calls_in(text: str) -> Iterator[Call]:
    """The calls spelled `call name({json})`."""
    for match in _CALL.finditer(text):
        if call := _spelled_call(text, match):
            yield call


def _spelled_call(text: str, match: re.Match[str]) -> Call | None:
    try:
        arguments, end = JSONDecoder().raw_decode(text, match.end())
    except JSONDecodeError:
        return None
    closed = text[end : end + 1] == ")"
    return Call(match[1], arguments) if closed and is_object(arguments) else None
