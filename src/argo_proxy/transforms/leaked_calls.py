"""Recovers the calls that a model leaks into its text as a Python dict, in place of making them.

Seen with Claude: `{'id': 'toolu_vrtx_01X', 'input': {'query': 'x'}, 'name': 'search', 'type': 'tool_use'}`, also with
JSON's `true`, and with bare line breaks inside strings. An answer that makes calls properly leaks none.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import msgspec
from msgspec import Raw, Struct

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, ToolCall
from argo_proxy.canonical.events import Event, Events, ReplyFinished, ToolCallStarted
from argo_proxy.canonical.spokes import Transformed
from argo_proxy.transforms.call_stage import CallStage
from argo_proxy.transforms.embedded_calls import Spelling


class _Leaked(Struct):
    name: str
    id: str = ""
    type: str = ""
    input: Raw = Raw(b"{}")


_DECODER = msgspec.json.Decoder(_Leaked)


def transform(request: ChatRequest, card: ModelCard) -> Transformed:
    """For models that leak calls, when they may make some."""
    if not (card.leaks_calls and request.may_call):
        return Transformed(request)
    return Transformed(request, partial(LeakedCallsStage, frozenset(tool.name for tool in request.tools)))


class LeakedCallsStage:
    """Looks at an answer once it is whole: only then it is known to make no calls of its own."""

    def __init__(self, names: Collection[str]) -> None:
        """Only what calls one of these tools is a call."""
        self._held: list[Event] = []
        self._stage = CallStage(Spelling("{", partial(read_call, names)))

    def feed(self, event: Event) -> Events:
        self._held.append(event)
        if not isinstance(event, ReplyFinished):
            return ()
        if any(isinstance(held, ToolCallStarted) for held in self._held):
            return tuple(self._held)
        return tuple(told for held in self._held for told in self._stage.feed(held))


def read_call(names: Collection[str], _: str, as_json: str) -> tuple[ToolCall, ...]:
    """The call that this literal is, if it is one to the last sign."""
    try:
        leaked = _DECODER.decode(as_json)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return ()
    marked = leaked.type == "tool_use" or (not leaked.type and leaked.id.startswith("toolu_"))
    if not marked or leaked.name not in names or not bytes(leaked.input).startswith(b"{"):
        return ()
    return (ToolCall(leaked.id, leaked.name, bytes(leaked.input).decode()),)
