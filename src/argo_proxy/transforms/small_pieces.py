"""Cuts text and arguments into small pieces, for a stream whose upstream answered in one."""

from __future__ import annotations

from collections.abc import Iterator

from argo_proxy.canonical.events import ArgumentsDelta, Event, Events, TextDelta

PIECE_CHARS = 24
MOST_PIECES = 1000
"""A long text is cut into larger pieces: each costs a frame, and all of them come at once."""


class SmallPiecesStage:
    """Passes every delta on as deltas of `PIECE_CHARS` characters, or as `MOST_PIECES` longer ones."""

    def feed(self, event: Event) -> Events:
        match event:
            case TextDelta(text):
                return tuple(map(TextDelta, _pieces(text)))
            case ArgumentsDelta(text):
                return tuple(map(ArgumentsDelta, _pieces(text)))
            case _:
                return (event,)


def _pieces(text: str) -> Iterator[str]:
    size = max(PIECE_CHARS, -(-len(text) // MOST_PIECES))
    return (text[at : at + size] for at in range(0, len(text), size))
