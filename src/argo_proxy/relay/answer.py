"""One answer on its way: bytes in, events out, and what is given up when its reader leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter

from argo_proxy.canonical.errors import ProxyError, UpstreamError
from argo_proxy.canonical.events import Event, Events, ReplyFailed, ReplyFinished
from argo_proxy.canonical.spokes import Decoder, Stage
from argo_proxy.gateway.response import Response

MAX_ANSWER_BYTES = 256 * 1024 * 1024
INLINE_BYTES = 32 * 1024
"""Bodies up to this size are worked on at once, a few milliseconds at most; larger ones in a thread."""

_ENDS = (ReplyFinished, ReplyFailed)


class Waiting:
    """Adds up the time that is spent inside it, which is ARGO's."""

    def __init__(self) -> None:
        self.total_s = 0.0
        self._since_s = 0.0

    def __enter__(self) -> None:
        self._since_s = perf_counter()

    def __exit__(self, *_: object) -> None:
        self.total_s += perf_counter() - self._since_s


class Pipeline:
    """Bytes in, events out: a decoder and the stages after it. `ended` once the reply has finished or failed."""

    def __init__(self, decoder: Decoder, stages: Sequence[Stage]) -> None:
        self.ended = False
        self._decoder = decoder
        self._stages = stages

    def feed(self, data: bytes) -> Events:
        """The events that these bytes complete."""
        return self._pass(self._decoder.feed(data))

    def finish(self) -> Events:
        """The events that the end of the upstream's answer brings."""
        return () if self.ended else self._pass(self._decoder.finish())

    def fail(self, error: ProxyError) -> Events:
        """The event that the upstream broke off."""
        self.ended = True
        return (ReplyFailed(error),)

    def _pass(self, events: Events) -> Events:
        for stage in self._stages:
            passed: list[Event] = []
            for event in events:
                passed += stage.feed(event)
            events = passed
        for at, event in enumerate(events):
            if type(event) in _ENDS:
                self.ended = True
                return events[: at + 1]
        return events


class Answer:
    """One answer in progress; left before its end, ARGO's part of it is cancelled."""

    def __init__(self, response: Response, pipeline: Pipeline, waiting: Waiting) -> None:
        self._response = response
        self._pipeline = pipeline
        self._waiting = waiting
        self._undigested = 0

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()

    @property
    def ended(self) -> bool:
        """Whether its last event has been given."""
        return self._pipeline.ended

    async def next(self) -> Events:
        """The next events, waiting for some; never fails, for a failure is an event too."""
        events: Events = ()
        while not events and not self.ended:
            try:
                with self._waiting:
                    data = await self._response.read()
            except UpstreamError as error:
                return self._pipeline.fail(error)
            events = self._feed(data) if data else await self._finish()
        return events

    def _feed(self, data: bytes) -> Events:
        events = self._pipeline.feed(data)
        self._undigested = 0 if events else self._undigested + len(data)
        if self._undigested > MAX_ANSWER_BYTES:
            error = UpstreamError(f"ARGO's answer is longer than {MAX_ANSWER_BYTES} bytes", code="answer_too_large")
            return self._pipeline.fail(error)
        return events

    async def _finish(self) -> Events:
        if self._undigested <= INLINE_BYTES:
            return self._pipeline.finish()
        return await asyncio.to_thread(self._pipeline.finish)
