"""One answer on its way: bytes in, events out, and what is given up when its reader leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import TypeAlias

from argo_proxy.canonical.errors import ProxyError, UpstreamError
from argo_proxy.canonical.events import Event, Events, ReplyFailed, ReplyFinished
from argo_proxy.canonical.spokes import Decoder, Stage
from argo_proxy.gateway.response import Response
from argo_proxy.tokens import LateMeter

MAX_ANSWER_BYTES = 256 * 1024 * 1024
INLINE_BYTES = 32 * 1024
"""Bodies up to this size are worked on at once, a few milliseconds at most; larger ones in a thread."""

_ENDS = (ReplyFinished, ReplyFailed)

Tell: TypeAlias = Callable[[Events], bool]
"""Is told the next events, and says whether it can take more at once."""


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
    """Bytes in, events out: a decoder and the stages after it. `ended` once the reply has finished or failed.

    A failure goes past the stages: what they still hold must not be told, and none of them can hold the end back.
    """

    def __init__(self, decoder: Decoder, stages: Sequence[Stage]) -> None:
        self.ended = False
        self._decoder = decoder
        self._stages = stages

    def feed(self, data: bytes) -> Events:
        """The events that these bytes complete."""
        return self._pass(self._decoder.feed(data))

    def finish(self) -> Events:
        """The events that the end of the upstream's answer brings."""
        if self.ended:
            return ()
        events = self._pass(self._decoder.finish())
        if self.ended:
            return events
        return (*events, *self.fail(_endless()))

    def fail(self, error: ProxyError) -> Events:
        """The event that the upstream broke off."""
        self.ended = True
        return (ReplyFailed(error),)

    def _pass(self, events: Events) -> Events:
        for stage in self._stages:
            alone = len(events) == 1 and type(events[0]) is not ReplyFailed  # as nearly all of a stream's are
            if alone:  # noqa: SIM108 (mypyc takes the two for of one kind in a single expression)
                events = stage.feed(events[0])
            else:
                events = _fed(stage, events)
        for at, event in enumerate(events):
            if type(event) in _ENDS:
                self.ended = True
                return events[: at + 1]
        return events


def _fed(stage: Stage, events: Events) -> Events:
    passed: list[Event] = []
    for event in events:
        if type(event) is ReplyFailed:
            passed.append(event)
        else:
            passed.extend(stage.feed(event))
    return passed


class Answer:
    """One answer in progress; left before its end, ARGO's part of it is cancelled."""

    def __init__(self, response: Response, pipeline: Pipeline, waiting: Waiting, late: LateMeter | None = None) -> None:
        """`late` counts for the pipeline, and can tell only once it has settled."""
        self._response = response
        self._pipeline = pipeline
        self._waiting = waiting
        self._late = late
        self._undigested = 0

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()
        if self._late is not None:
            self._late.close()

    @property
    def ended(self) -> bool:
        """Whether its last event has been given."""
        return self._pipeline.ended

    async def settle(self) -> None:
        """Wait until what asks has been counted; the answer is given up when that fails, or its reader leaves."""
        if self._late is None:
            return
        try:
            await self._late.settle()
        except BaseException:
            self.__exit__()
            raise

    async def more(self, tell: Tell) -> None:
        """Tell what comes until the end, or until `tell` has had enough for the moment. Raises what `tell` raises.

        A failure is an event too. Of a stream most pieces come alone: those go their whole way in one step.
        """
        if tell(await self._next()) and not self.ended:
            with self._waiting:
                await self._response.push(partial(self._pass_on, tell))

    def _pass_on(self, tell: Tell, data: bytes) -> bool:
        began_s = perf_counter()
        events = self._digest(data)
        goes_on = not events or tell(events)
        self._waiting.total_s -= perf_counter() - began_s
        return goes_on and not self.ended

    async def _next(self) -> Events:
        """The next events, waiting for some."""
        events: Events = ()
        while not events and not self.ended:
            try:
                data = self._response.ready()
                if data is None:
                    with self._waiting:
                        data = await self._response.read()
            except UpstreamError as error:
                return self._pipeline.fail(error)
            if data:
                events = self._digest(data)
            else:
                events = await self._finish()
        return events

    def _digest(self, data: bytes) -> Events:
        events = self._pipeline.feed(data)
        self._undigested = 0 if events else self._undigested + len(data)
        if self._undigested > MAX_ANSWER_BYTES:
            error = UpstreamError(f"ARGO's answer is longer than {MAX_ANSWER_BYTES} bytes", code="answer_too_large")
            return self._pipeline.fail(error)
        return events

    async def _finish(self) -> Events:
        if self._late is not None:
            await self._late.settle()
        if self._undigested <= INLINE_BYTES:
            return self._pipeline.finish()
        return await asyncio.to_thread(self._pipeline.finish)


def _endless() -> ProxyError:
    """For a reply that some stage has left without an end, which nobody may wait for."""
    return ProxyError("argo-proxy lost the end of this answer: a fault of its own")
