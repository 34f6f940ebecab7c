"""Cuts text into small pieces, for a stream whose upstream answered in one."""

from __future__ import annotations

from argo_proxy.canonical.events import Event, Events, TextDelta

PIECE_CHARS = 24


class SmallPiecesStage:
    """Passes every text delta on as deltas of at most `PIECE_CHARS` characters."""

    def feed(self, event: Event) -> Events:
        match event:
            case TextDelta(text):
                return tuple(TextDelta(text[at : at + PIECE_CHARS]) for at in range(0, len(text), PIECE_CHARS))
            case _:
                return (event,)
