"""Ends an answer before the first stop sequence, whether or not the model minds them itself.

Only what may be the beginning of a stop sequence is held back. Law: the text passed on is the text up to the
earliest stop sequence, however it was cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from argo_proxy.canonical.chat import UNCOUNTED
from argo_proxy.canonical.events import Event, Events, PartEnded, ReplyFinished, TextDelta, ToolCallStarted
from argo_proxy.transforms.overlap import overlap


class StopStage:
    """Takes the stop sequences, none of them empty."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._held = ""
        self._called = False

    def feed(self, event: Event) -> Events:
        match event:
            case TextDelta(text):
                return self._feed_text(self._held + text)
            case PartEnded() if self._held:
                held, self._held = self._held, ""
                found = self._find(held)
                return (*_delta(held), event) if found is None else self._stopped(held[:found])
            case ToolCallStarted():
                self._called = True
                return (event,)
            case _:
                return (event,)

    def _feed_text(self, text: str) -> Events:
        found = self._find(text)
        split = len(text) - overlap(text, self._stops)
        if found is not None and found <= split:
            self._held = ""
            return self._stopped(text[:found])
        self._held = text[split:]
        return _delta(text[:split])

    def _stopped(self, text: str) -> Events:
        reason = "tool_calls" if self._called else "stop"
        return (*_delta(text), PartEnded(), ReplyFinished(reason, UNCOUNTED))

    def _find(self, text: str) -> int | None:
        """Where the earliest stop sequence begins."""
        return min((at for at in map(text.find, self._stops) if at >= 0), default=None)


def _delta(text: str) -> Events:
    return (TextDelta(text),) if text else ()
