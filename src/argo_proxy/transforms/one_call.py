"""Keeps to `parallel_tool_calls: false`, which ARGO has no word for: of several calls, the first is passed on."""

from __future__ import annotations

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest
from argo_proxy.canonical.events import ArgumentsDelta, Event, Events, PartEnded, ToolCallStarted
from argo_proxy.canonical.spokes import Transformed


def transform(request: ChatRequest, _: ModelCard) -> Transformed:
    """Nothing about the request: the model is not asked to make one call, only held to it."""
    limited = bool(request.tools) and not request.parallel_tools
    return Transformed(request, OneCallStage if limited else None)


class OneCallStage:
    """Leaves out every call but the first; text is passed on."""

    def __init__(self) -> None:
        self._called = False
        self._leaving_out = False

    def feed(self, event: Event) -> Events:
        if isinstance(event, ToolCallStarted):
            self._leaving_out = self._called
            self._called = True
        left_out = self._leaving_out and isinstance(event, ToolCallStarted | ArgumentsDelta | PartEnded)
        if isinstance(event, PartEnded):
            self._leaving_out = False
        return () if left_out else (event,)
