"""Gives tools names that every provider takes, and their own names back in the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from hashlib import sha256

from msgspec.structs import replace

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Message, Part, ToolCall
from argo_proxy.canonical.events import Event, Events, ToolCallStarted
from argo_proxy.canonical.spokes import Transformed

# OpenAI and Anthropic know no dots, Google no digit at the beginning; all take 64 characters.
SAFE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_GIVEN = re.compile(r"_[A-Za-z0-9_-]{0,51}_[0-9a-f]{10}")
"""What `safe_name` gives. A tool of such a name gets another, for it may be the one that another tool gets."""
_KEPT_CHARS = 53
_DIGEST_CHARS = 10


def transform(request: ChatRequest, _: ModelCard) -> Transformed:
    """The request under safe names; most have no others, and pass as they are."""
    names = _called(request.messages)
    names.update(tool.name for tool in request.tools)
    safe = {name: safe_name(name) for name in names if not SAFE_NAME.fullmatch(name) or _GIVEN.fullmatch(name)}
    if not safe:
        return Transformed(request)
    original = {renamed: name for name, renamed in safe.items()}
    return Transformed(_renamed(request, safe), partial(ToolNamesStage, original))


def safe_name(name: str) -> str:
    """A name for a provider, the same at every turn: what is safe of it, and a digest of the whole."""
    return f"_{_UNSAFE.sub('_', name)[: _KEPT_CHARS - 2]}_{sha256(name.encode()).hexdigest()[:_DIGEST_CHARS]}"


class ToolNamesStage:
    """Takes the original names by the safe ones."""

    def __init__(self, original: Mapping[str, str]) -> None:
        self._original = original

    def feed(self, event: Event) -> Events:
        match event:
            case ToolCallStarted(call_id, name) if name in self._original:
                return (ToolCallStarted(call_id, self._original[name]),)
            case _:
                return (event,)


def _called(messages: Iterable[Message]) -> set[str]:
    return {call.name for message in messages for call in message.calls}


def _renamed(request: ChatRequest, safe: Mapping[str, str]) -> ChatRequest:
    choice = request.tool_choice
    return replace(
        request,
        tools=tuple(replace(tool, name=safe.get(tool.name, tool.name)) for tool in request.tools),
        tool_choice=replace(choice, names=tuple(safe.get(name, name) for name in choice.names)),
        messages=tuple(_renamed_calls(message, safe) for message in request.messages),
    )


def _renamed_calls(message: Message, safe: Mapping[str, str]) -> Message:
    def renamed(part: Part) -> Part:
        return replace(part, name=safe.get(part.name, part.name)) if isinstance(part, ToolCall) else part

    return replace(message, parts=tuple(map(renamed, message.parts))) if message.calls else message
