"""Takes a request to the relay and what comes back to its client, whole or as a stream.

Both are made of the same events: `collect` gathers them, `stream` sends them on as they come.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import TypeAlias, TypeVar

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.chat import UNCOUNTED, ChatRequest, Reply, Usage
from argo_proxy.canonical.collector import Collector
from argo_proxy.canonical.errors import ProxyError
from argo_proxy.canonical.events import Events, ReplyFailed, ReplyFinished
from argo_proxy.canonical.spokes import Renderer
from argo_proxy.gateway.together import together
from argo_proxy.relay import Prepared, Relay
from argo_proxy.web.deadline import time_limit
from argo_proxy.web.event_stream import EventStream
from argo_proxy.web.faults import fault
from argo_proxy.web.http import Http
from argo_proxy.web.stopping import stopped

T = TypeVar("T")
Play: TypeAlias = Callable[[Prepared, int], Coroutine[object, object, T]]
Last: TypeAlias = Callable[[], Awaitable[bytes]]
"""Makes the frames that end a stream. Raises ProxyError for one that must not end well."""

_HELD_OPEN_AFTER_S = 0.25
"""How long a stream over a whole answer waits for an early refusal, which then has its own status, before it opens."""


class Delivery:
    """Delivers answers of models."""

    def __init__(self, relay: Relay, *, keep_alive_s: float) -> None:
        self._relay = relay
        self._keep_alive_s = keep_alive_s

    async def prepare(self, http: Http, request: ChatRequest, caller: Caller) -> list[Prepared]:
        """The calls that the request asks for. Raises BadRequest for what the model cannot do."""
        size = http.body_bytes
        prepared = [await self._relay.prepare(asked, caller, size) for asked in (request, *request.also)]
        _note(http, prepared[0])
        return prepared

    async def collect(self, http: Http, prepared: Sequence[Prepared]) -> list[Reply]:
        """The whole reply of every choice. Raises ProxyError."""
        replies = await _each_choice(prepared, partial(self._collect, http))
        _note_usage(http, prepared[0].request, [reply.usage for reply in replies])
        return replies

    async def stream(self, http: Http, prepared: Sequence[Prepared], renderer: Renderer, last: Last) -> None:
        """Send the replies as they come, and `last` at the end. Raises ProxyError as long as nothing has been sent."""
        stream = self._opening(http, held=bool(prepared[0].checks) or not prepared[0].streamed)
        try:
            usages = await _each_choice(prepared, partial(self._pump, http, renderer, stream))
            _note_usage(http, prepared[0].request, usages)
            stream.end(await last())
        except Exception as error:
            if not stream.opened:
                raise
            told = error if isinstance(error, ProxyError) else fault(error)
            http.record.error = told.http_code or told.kind
            stream.end(renderer.feed(0, ReplyFailed(told)))
        except asyncio.CancelledError:
            if stream.opened and not http.left:
                stream.end(renderer.feed(0, ReplyFailed(stopped())))
            raise
        finally:
            stream.close()

    async def follow(self, http: Http, frames: AsyncIterator[bytes]) -> None:
        """Send frames that are made elsewhere, as they come."""
        stream = self._opening(http, held=False)
        try:
            async for data in frames:
                stream.write(data)
                await stream.drain()
            stream.end(b"")
        finally:
            stream.close()

    def _opening(self, http: Http, *, held: bool) -> EventStream:
        """A stream that opens at its first frame; sooner, if what it tells is `held` until it is whole."""
        open_after_s = _HELD_OPEN_AFTER_S if held else self._keep_alive_s
        return EventStream(http, open_after_s=open_after_s, keep_alive_s=self._keep_alive_s)

    async def _collect(self, http: Http, prepared: Prepared, _: int) -> Reply:
        collector = Collector()
        with await self._relay.open(prepared, http.waiting()) as answer:
            while not answer.ended:
                await answer.more(collector.gather)
        return collector.result()

    async def _pump(
        self, http: Http, renderer: Renderer, stream: EventStream, prepared: Prepared, choice: int
    ) -> Usage:
        """Send the frames of one choice as its events come. Raises the reply's error."""
        telling = _Telling(stream, renderer, choice)
        with await self._relay.open(prepared, http.waiting()) as answer:
            while not answer.ended:
                await answer.more(telling.tell)
                await stream.drain()
        return telling.usage


class _Telling:
    """Tells the client one choice of a stream. `usage` is there once all has been told."""

    def __init__(self, stream: EventStream, renderer: Renderer, choice: int) -> None:
        self.usage = UNCOUNTED
        self._write = stream.write
        self._render = renderer.feed
        self._choice = choice

    def tell(self, events: Events) -> bool:
        """Send the frames of these events. Whether more may follow at once. Raises the reply's error."""
        last = events[-1]  # nothing follows an end
        if type(last) is ReplyFailed:
            raise last.error
        if type(last) is ReplyFinished:
            self.usage = last.usage
        if len(events) == 1:  # as nearly always
            data = self._render(self._choice, last)
        else:
            data = b"".join([self._render(self._choice, event) for event in events])
        return self._write(data) if data else True


async def _each_choice(prepared: Sequence[Prepared], play: Play[T]) -> list[T]:
    """Play every choice of every request, side by side, within their time limit."""
    request = prepared[0].request
    if request.timeout_s is None and request.choices == len(prepared) == 1:  # as nearly always
        return [await play(prepared[0], 0)]
    asked = [each for each in prepared for _ in range(each.request.choices)]
    async with time_limit(request.timeout_s):
        return await together(play(each, choice) for choice, each in enumerate(asked))


def _note(http: Http, prepared: Prepared) -> None:
    request = prepared.request
    http.record.model, http.record.family = request.model, prepared.card.provider
    http.record.streamed = request.stream
    if request.adjusted:
        http.add_headers([(b"x-argo-proxy-adjusted", ", ".join(request.adjusted).encode("ascii", "replace"))])


def _note_usage(http: Http, request: ChatRequest, usages: Sequence[Usage]) -> None:
    """The choices of one request share what was asked, which counts once."""
    record = http.record
    record.input_tokens = record.output_tokens = 0
    for number, usage in enumerate(usages):
        record.output_tokens += usage.output_tokens
        if number % request.choices == 0:
            record.input_tokens += usage.input_tokens
