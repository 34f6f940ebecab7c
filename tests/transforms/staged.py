"""Replies that pass through a stage, as the pipeline passes them."""

from collections.abc import Iterable, Sequence

from argo_proxy.canonical.chat import UNCOUNTED, FinishReason, Reply, Text, ToolCall
from argo_proxy.canonical.collector import collect, tell
from argo_proxy.canonical.events import (
    Event,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
)
from argo_proxy.canonical.spokes import Stage


def passed(stage: Stage, events: Iterable[Event]) -> list[Event]:
    """What comes out of the stage, up to the end of the reply."""
    out: list[Event] = []
    for event in (told for given in events for told in stage.feed(given)):
        out.append(event)
        if isinstance(event, ReplyFinished | ReplyFailed):
            break
    return out


def reply(*parts: Text | ToolCall | str, reason: FinishReason = "stop") -> Reply:
    return Reply(tuple(Text(part) if isinstance(part, str) else part for part in parts), reason, UNCOUNTED)


def staged(stage: Stage, *parts: Text | ToolCall | str, reason: FinishReason = "stop") -> Reply:
    """The reply of these parts after the stage; it must obey the grammar."""
    return collect(passed(stage, tell(reply(*parts, reason=reason))))


def in_pieces(pieces: Sequence[str], reason: FinishReason = "stop") -> list[Event]:
    """The events of one text that comes in these pieces."""
    return [ReplyStarted(), TextStarted(), *map(TextDelta, pieces), PartEnded(), ReplyFinished(reason, UNCOUNTED)]
