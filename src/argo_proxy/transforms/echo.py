"""Tells a prompt before its answer, as legacy completions can have it. It is no part of the answer's count."""

from __future__ import annotations

from argo_proxy.canonical.events import Event, Events, PartEnded, ReplyStarted, TextDelta, TextStarted


class EchoStage:
    """Puts the prompt in front of a reply."""

    def __init__(self, prompt: str) -> None:
        self._prompt = prompt

    def feed(self, event: Event) -> Events:
        if isinstance(event, ReplyStarted) and self._prompt:
            return (event, TextStarted(), TextDelta(self._prompt), PartEnded())
        return (event,)
