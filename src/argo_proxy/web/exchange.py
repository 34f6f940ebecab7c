"""One handler for every dialect: parse, relay, render.

A whole answer and a stream are made of the same events; `_collect` gathers them, `_pump` sends them on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from time import time
from typing import TypeAlias, TypeVar

from argo_proxy.canonical.chat import ChatRequest, Reply, Usage
from argo_proxy.canonical.errors import ProxyError
from argo_proxy.canonical.events import Collector, ReplyFailed, ReplyFinished
from argo_proxy.canonical.spokes import Dialect, Renderer
from argo_proxy.gateway.together import together
from argo_proxy.relay import INLINE_BYTES, Answer, CheckedAnswer, Prepared, Relay, Waiting
from argo_proxy.web.access import Access
from argo_proxy.web.deadline import time_limit
from argo_proxy.web.event_stream import EventStream
from argo_proxy.web.http import Http, stopped

T = TypeVar("T")
Play: TypeAlias = Callable[[Prepared, int], Coroutine[object, object, T]]

_HELD_OPEN_AFTER_S = 0.25
"""How long a stream over a whole answer waits for an early refusal, which then has its own status, before it opens."""


class Exchange:
    """Answers the requests of one dialect."""

    def __init__(
        self, dialect: Dialect, relay: Relay, access: Access, *, keep_alive_s: float, max_body_bytes: int
    ) -> None:
        self.render_error = dialect.render_error
        self._dialect = dialect
        self._relay = relay
        self._access = access
        self._keep_alive_s = keep_alive_s
        self._max_body_bytes = max_body_bytes

    async def handle(self, http: Http) -> None:
        """Read the request and answer it. Raises ProxyError as long as nothing has been sent."""
        user = self._access.user(http)
        body = await http.body(self._max_body_bytes)
        small = len(body) <= INLINE_BYTES
        request = self._dialect.parse(body) if small else await asyncio.to_thread(self._dialect.parse, body)
        prepared = [await self._relay.prepare(asked, user) for asked in (request, *request.also)]
        _note(http, prepared[0])
        if request.stream:
            await self._stream(http, prepared)
        else:
            await self._whole(http, prepared)

    async def _whole(self, http: Http, prepared: Sequence[Prepared]) -> None:
        request = prepared[0].request
        replies = await _each_choice(prepared, partial(self._collect, http))
        _note_usage(http, request, [reply.usage for reply in replies])
        http.respond(200, self._dialect.render_whole(request, replies, http.id, int(time())))

    async def _collect(self, http: Http, prepared: Prepared, _: int) -> Reply:
        collector = Collector()
        with await self._open(http, prepared) as answer:
            while not answer.ended:
                for event in await answer.next():
                    collector.feed(event)
        return collector.result()

    async def _stream(self, http: Http, prepared: Sequence[Prepared]) -> None:
        request = prepared[0].request
        renderer = self._dialect.render_stream(request, http.id, int(time()))
        held = prepared[0].checked or not prepared[0].streamed
        open_after_s = _HELD_OPEN_AFTER_S if held else self._keep_alive_s
        stream = EventStream(http, open_after_s=open_after_s, keep_alive_s=self._keep_alive_s)
        try:
            usages = await _each_choice(prepared, partial(self._pump, http, renderer, stream))
            _note_usage(http, request, usages)
            stream.end(renderer.finish())
        except ProxyError as error:
            if not stream.opened:
                raise
            http.record.error = error.http_code
            stream.end(renderer.feed(0, ReplyFailed(error)))
        except asyncio.CancelledError:
            if stream.opened and not http.left:
                stream.end(renderer.feed(0, ReplyFailed(stopped())))
            raise
        finally:
            stream.close()

    async def _pump(
        self, http: Http, renderer: Renderer, stream: EventStream, prepared: Prepared, choice: int
    ) -> Usage:
        """Send the frames of one choice as its events come. Raises the reply's error."""
        usage = None
        with await self._open(http, prepared) as answer:
            while usage is None:
                frames: list[bytes] = []
                for event in await answer.next():
                    match event:
                        case ReplyFailed(error):
                            raise error
                        case ReplyFinished():
                            usage = event.usage
                        case _:
                            pass
                    frames.append(renderer.feed(choice, event))
                if data := b"".join(frames):
                    await stream.write(data)
        return usage

    async def _open(self, http: Http, prepared: Prepared) -> Answer | CheckedAnswer:
        waiting = Waiting()
        http.waitings.append(waiting)
        return await self._relay.open(prepared, waiting)


async def _each_choice(prepared: Sequence[Prepared], play: Play[T]) -> list[T]:
    """Play every choice of every request within their time limit."""
    limit_s = prepared[0].request.timeout_s
    if limit_s is None:
        return await _side_by_side(prepared, play)
    async with time_limit(limit_s):
        return await _side_by_side(prepared, play)


async def _side_by_side(prepared: Sequence[Prepared], play: Play[T]) -> list[T]:
    asked = [each for each in prepared for _ in range(each.request.choices)]
    if len(asked) == 1:
        return [await play(asked[0], 0)]
    return await together(play(each, choice) for choice, each in enumerate(asked))


def _note(http: Http, prepared: Prepared) -> None:
    request = prepared.request
    http.record.model, http.record.family = request.model, prepared.card.provider
    http.record.streamed = request.stream
    if request.adjusted:
        http.add_headers([(b"x-argo-proxy-adjusted", ", ".join(request.adjusted).encode("ascii", "replace"))])


def _note_usage(http: Http, request: ChatRequest, usages: Sequence[Usage]) -> None:
    """The choices of one request share what was asked, which counts once."""
    http.record.input_tokens = sum(usage.input_tokens for usage in usages[:: request.choices])
    http.record.output_tokens = sum(usage.output_tokens for usage in usages)
