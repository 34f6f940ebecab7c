"""A reply as it happens. Law: a stream of events obeys

    ReplyStarted (TextStarted TextDelta* PartEnded)* ReplyFinished

or any beginning of that, even none of it, followed by `ReplyFailed`. A whole answer is `collect(events)`:
there is no second code path for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from msgspec import Struct

from argo_proxy.canonical.chat import FinishReason, Reply, Usage
from argo_proxy.canonical.errors import ProxyError


class ReplyStarted(Struct, frozen=True, gc=False):
    """The upstream has begun to answer."""


class TextStarted(Struct, frozen=True, gc=False):
    """A text part begins."""


class TextDelta(Struct, frozen=True, gc=False):
    """More of the open text part; never empty."""

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


Event: TypeAlias = ReplyStarted | TextStarted | TextDelta | PartEnded | ReplyFinished | ReplyFailed
Events: TypeAlias = Sequence[Event]


class GrammarError(AssertionError):
    """An event came where the grammar has no place for it: a defect of the proxy."""


class Collector:
    """Gathers events into a `Reply`, and holds the grammar: `feed` raises GrammarError, or the reply's error."""

    def __init__(self) -> None:
        self._reply: Reply | None = None
        self._started = False
        self._part_open = False
        self._text: list[str] = []

    def feed(self, event: Event) -> None:
        """Take the next event."""
        match event:
            case TextDelta(text) if self._part_open:
                self._text.append(text)
            case TextStarted() if self._started and not self._part_open:
                self._part_open = True
            case PartEnded() if self._part_open:
                self._part_open = False
            case ReplyStarted() if not self._started and self._reply is None:
                self._started = True
            case ReplyFinished(reason, usage) if self._started and not self._part_open:
                self._started = False
                self._reply = Reply("".join(self._text), reason, usage)
            case ReplyFailed(error) if self._reply is None:
                raise error
            case _:
                raise GrammarError(f"{event} is out of place")

    def result(self) -> Reply:
        """The whole answer, once it is complete."""
        if self._reply is None:
            raise GrammarError("the reply has no end")
        return self._reply


def collect(events: Iterable[Event]) -> Reply:
    """The whole answer that a complete stream of events tells. Raises the reply's own error if it failed."""
    collector = Collector()
    for event in events:
        collector.feed(event)
    return collector.result()
