"""Cuts text and arguments into small pieces, for a stream whose upstream answered in one."""

from __future__ import annotations

from collections.abc import Iterator

from argo_proxy.canonical.events import ArgumentsDelta, Event, Events, TextDelta

PIECE_CHARS = 24


class SmallPiecesStage:
    """Passes every delta on as deltas of at most `PIECE_CHARS` characters."""

    def feed(self, event: Event) -> Events:
        match event:
            case TextDelta(text):
                return tuple(map(TextDelta, _pieces(text)))
            case ArgumentsDelta(text):
                return tuple(map(ArgumentsDelta, _pieces(text)))
            case _:
                return (event,)


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + PIECE_CHARS] for at in range(0, len(text), PIECE_CHARS))
