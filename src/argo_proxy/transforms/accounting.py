"""Counts the answer, and with that tells how it ended: ARGO's resource API says neither."""

from __future__ import annotations

from typing import Protocol

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import FinishReason, Sampling, Usage
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import (
    ArgumentsDelta,
    Event,
    Events,
    ReplyFailed,
    ReplyFinished,
    TextDelta,
    ToolCallStarted,
)


class Meter(Protocol):
    """Counts the tokens of a text that comes in pieces."""

    @property
    def asked(self) -> int:
        """The tokens of the request that the text answers."""
        ...

    def feed(self, text: str) -> None: ...
    def total(self) -> int: ...


class AccountingStage:
    """Puts the usage into `ReplyFinished`, and the reason `length` where the limit was reached.

    An empty answer is a fault of the gateway, unless a stop sequence cut it all off, or hidden reasoning used the
    limit up.
    """

    def __init__(self, meter: Meter, sampling: Sampling, card: ModelCard) -> None:
        self._meter = meter
        self._limit = sampling.max_tokens
        self._may_stop = bool(sampling.stop)
        self._may_exhaust = card.reasons and sampling.max_tokens is not None

    def feed(self, event: Event) -> Events:
        if type(event) is TextDelta or type(event) is ArgumentsDelta:  # nearly all; a match would take long
            self._meter.feed(event.text)
        elif type(event) is ToolCallStarted:
            self._meter.feed(event.name)
        elif type(event) is ReplyFinished:
            return (self._end(event.reason, self._meter.total()),)
        return (event,)

    def _end(self, reason: FinishReason, output_tokens: int) -> Event:
        if output_tokens == 0 and not self._may_stop and not self._may_exhaust:
            return ReplyFailed(UpstreamError("ARGO sent an empty answer", code="empty_answer"))
        exhausted = output_tokens == 0 and not self._may_stop
        cut_off = self._limit is not None and output_tokens >= self._limit and reason == "stop"
        if exhausted or cut_off:
            reason = "length"
        return ReplyFinished(reason, Usage(self._meter.asked, output_tokens, estimated=True))
