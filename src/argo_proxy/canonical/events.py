"""A reply as it happens. Law: a stream of events obeys

    ReplyStarted (TextStarted TextDelta* PartEnded | ToolCallStarted ArgumentsDelta* PartEnded)* ReplyFinished

or any beginning of that, even none of it, followed by `ReplyFailed`. A whole answer is `collect(events)`:
there is no second code path for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from msgspec import Struct

from argo_proxy.canonical.chat import FinishReason, Reply, Text, ToolCall, Usage
from argo_proxy.canonical.errors import ProxyError


class ReplyStarted(Struct, frozen=True, gc=False):
    """The upstream has begun to answer."""


class TextStarted(Struct, frozen=True, gc=False):
    """A text part begins."""


class TextDelta(Struct, frozen=True, gc=False):
    """More of the open text part; never empty."""

    text: str


class ToolCallStarted(Struct, frozen=True, gc=False):
    """A call begins; its id may be empty as long as nobody has given it one."""

    call_id: str
    name: str


class ArgumentsDelta(Struct, frozen=True, gc=False):
    """More of the open call's arguments, which are JSON text; never empty."""

    text: str


class PartEnded(Struct, frozen=True, gc=False):
    """The open part is complete."""


class ReplyFinished(Struct, frozen=True, gc=False):
    """The answer is complete."""

    reason: FinishReason
    usage: Usage


class ReplyFailed(Struct, frozen=True):
    """The answer broke off; what came before must not pass for a complete answer."""

    error: ProxyError


Event: TypeAlias = (
    ReplyStarted | TextStarted | TextDelta | ToolCallStarted | ArgumentsDelta | PartEnded | ReplyFinished | ReplyFailed
)
Events: TypeAlias = Sequence[Event]


class GrammarError(AssertionError):
    """An event came where the grammar has no place for it: a defect of the proxy."""


class Collector:
    """Gathers events into a `Reply`, and holds the grammar: `feed` raises GrammarError, or the reply's error."""

    def __init__(self) -> None:
        self._reply: Reply | None = None
        self._started = False
        self._opened: TextStarted | ToolCallStarted | None = None
        self._pieces: list[str] = []
        self._parts: list[Text | ToolCall] = []

    def feed(self, event: Event) -> None:
        """Take the next event."""
        if type(event) is TextDelta and type(self._opened) is TextStarted:  # nearly all of them
            self._pieces.append(event.text)
            return
        match event:
            case ArgumentsDelta(text) if type(self._opened) is ToolCallStarted:
                self._pieces.append(text)
            case TextStarted() | ToolCallStarted() if self._started and self._opened is None:
                self._opened = event
            case PartEnded() if self._opened is not None:
                self._end_part(self._opened)
            case ReplyStarted() if not self._started and self._reply is None:
                self._started = True
            case ReplyFinished(reason, usage) if self._started and self._opened is None:
                self._started = False
                self._reply = Reply(tuple(self._parts), reason, usage)
            case ReplyFailed(error) if self._reply is None:
                raise error
            case _:
                raise GrammarError(f"{event} is out of place")

    def gather(self, events: Events) -> bool:
        """Take the next events. There is always room for more."""
        for event in events:
            self.feed(event)
        return True

    def _end_part(self, opened: TextStarted | ToolCallStarted) -> None:
        whole = "".join(self._pieces)
        made = Text(whole) if isinstance(opened, TextStarted) else ToolCall(opened.call_id, opened.name, whole)
        self._parts.append(made)
        self._opened = None
        self._pieces.clear()

    def result(self) -> Reply:
        """The whole answer, once it is complete."""
        if self._reply is None:
            raise GrammarError("the reply has no end")
        return self._reply


def tell(reply: Reply) -> Events:
    """The events of a whole reply. Law: `collect(tell(reply)) == reply`."""
    events: list[Event] = [ReplyStarted()]
    for part in reply.parts:
        match part:
            case Text(text):
                events += [TextStarted(), *([TextDelta(text)] if text else []), PartEnded()]
            case ToolCall(call_id, name, arguments):
                deltas = [ArgumentsDelta(arguments)] if arguments else []
                events += [ToolCallStarted(call_id, name), *deltas, PartEnded()]
    return [*events, ReplyFinished(reply.reason, reply.usage)]


def collect(events: Iterable[Event]) -> Reply:
    """The whole answer that a complete stream of events tells. Raises the reply's own error if it failed."""
    collector = Collector()
    for event in events:
        collector.feed(event)
    return collector.result()
