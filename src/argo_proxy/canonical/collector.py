"""A whole reply from its events, and the events of a whole reply.

Every answer passes here. An event's exact type is asked for: to see that a Struct is none of a kind, `isinstance`,
and with it `match`, takes six times as long.
"""

from __future__ import annotations

from collections.abc import Iterable

from argo_proxy.canonical.chat import Reply, Text, ToolCall
from argo_proxy.canonical.events import (
    ArgumentsDelta,
    Event,
    Events,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
    ToolCallStarted,
)


class GrammarError(Exception):
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
        opened = self._opened
        if type(event) is TextDelta and type(opened) is TextStarted:  # noqa: SIM114 (it would be too long)
            self._pieces.append(event.text)
        elif type(event) is ArgumentsDelta and type(opened) is ToolCallStarted:
            self._pieces.append(event.text)
        elif (type(event) is TextStarted or type(event) is ToolCallStarted) and self._started and opened is None:
            self._opened = event
        elif type(event) is PartEnded and opened is not None:
            self._end_part(opened)
        elif type(event) is ReplyStarted and not self._started and self._reply is None:
            self._started = True
        elif type(event) is ReplyFinished and self._started and opened is None:
            self._started = False
            self._reply = Reply(tuple(self._parts), event.reason, event.usage)
        elif type(event) is ReplyFailed and self._reply is None:
            raise event.error
        else:
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
