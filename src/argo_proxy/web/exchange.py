"""One handler for every dialect: parse, relay, render. Whole answers and streams differ only in who renders them.

The one loop with an `await` per piece of ARGO's answer is `_play`.
"""

from __future__ import annotations

import asyncio
from binascii import hexlify
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext
from os import urandom
from time import time
from typing import TypeAlias

from argo_proxy.canonical.chat import Usage
from argo_proxy.canonical.errors import ProxyError
from argo_proxy.canonical.events import Collector, Events, ReplyFailed, ReplyFinished
from argo_proxy.canonical.spokes import Dialect, Renderer
from argo_proxy.relay import Prepared, Relay, Waiting
from argo_proxy.web.event_stream import EventStream
from argo_proxy.web.http import Http
from argo_proxy.web.watch import client_watched, time_limit

Take: TypeAlias = Callable[[Events], Awaitable[None]]

_HELD_OPEN_AFTER_S = 0.25
"""How long a stream over a whole call waits for an early refusal, which then has its own status, before it opens."""


class Exchange:
    """Answers the requests of one dialect."""

    def __init__(self, dialect: Dialect, relay: Relay, *, keep_alive_s: float, max_body_bytes: int) -> None:
        self.render_error = dialect.render_error
        self._dialect = dialect
        self._relay = relay
        self._keep_alive_s = keep_alive_s
        self._max_body_bytes = max_body_bytes

    async def handle(self, http: Http, user: str) -> None:
        """Read the request and answer it. Raises ProxyError as long as nothing has been sent."""
        body = await http.body(self._max_body_bytes)
        with client_watched(http.receive):
            prepared = await self._relay.prepare(self._dialect.parse(body), user)
            _note(http, prepared)
            if prepared.request.stream:
                await self._stream(http, prepared)
            else:
                await self._whole(http, prepared)

    async def _whole(self, http: Http, prepared: Prepared) -> None:
        collectors = [Collector() for _ in range(prepared.request.choices)]

        async def play(choice: int) -> None:
            async def take(events: Events) -> None:
                for event in events:
                    collectors[choice].feed(event)

            await self._play(http, prepared, take)

        await _each_choice(prepared, play)
        replies = [collector.result() for collector in collectors]
        _note_usage(http, [reply.usage for reply in replies])
        await http.respond(200, self._dialect.render_whole(prepared.request, replies, _new_id(), int(time())))

    async def _stream(self, http: Http, prepared: Prepared) -> None:
        renderer = self._dialect.render_stream(prepared.request, _new_id(), int(time()))
        stream = self._open_stream(http, prepared)
        usages: list[Usage] = []

        async def play(choice: int) -> None:
            async def take(events: Events) -> None:
                await _send(stream, renderer, choice, events, usages)

            await self._play(http, prepared, take)

        try:
            await _each_choice(prepared, play)
            _note_usage(http, usages)
            await stream.end(renderer.finish())
        except ProxyError as error:
            if not stream.opened:
                raise
            http.record.error = error.message
            await stream.end(renderer.feed(0, ReplyFailed(error)))
        finally:
            stream.close()

    async def _play(self, http: Http, prepared: Prepared, take: Take) -> None:
        """Make one upstream call and hand on its events as they come. Raises ProxyError if it cannot be made."""
        waiting = Waiting()
        http.waitings.append(waiting)
        answer = await self._relay.open(prepared, waiting)
        try:
            while not answer.ended:
                await take(await answer.next())
        finally:
            answer.close()

    def _open_stream(self, http: Http, prepared: Prepared) -> EventStream:
        open_after_s = self._keep_alive_s if prepared.streamed else _HELD_OPEN_AFTER_S
        return EventStream(http, open_after_s=open_after_s, keep_alive_s=self._keep_alive_s)


async def _send(stream: EventStream, renderer: Renderer, choice: int, events: Events, usages: list[Usage]) -> None:
    """Send the frames of these events in one go. Raises the reply's error."""
    frames = b""
    for event in events:
        match event:
            case ReplyFailed(error):
                raise error
            case ReplyFinished(_, usage):
                usages.append(usage)
            case _:
                pass
        frames += renderer.feed(choice, event)
    if frames:
        await stream.write(frames)


async def _each_choice(prepared: Prepared, play: Callable[[int], Coroutine[object, object, None]]) -> None:
    """Play every choice, side by side, within the request's time limit; when one fails, the others are cancelled."""
    limit_s = prepared.request.timeout_s
    async with nullcontext() if limit_s is None else time_limit(limit_s):
        if prepared.request.choices == 1:
            await play(0)
            return
        tasks = [asyncio.create_task(play(choice)) for choice in range(prepared.request.choices)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _note(http: Http, prepared: Prepared) -> None:
    request = prepared.request
    http.record.model, http.record.family = request.model, prepared.card.provider
    http.record.streamed = request.stream
    if request.adjusted:
        http.add_header(b"x-argo-proxy-adjusted", ", ".join(request.adjusted).encode("ascii", "replace"))


def _note_usage(http: Http, usages: list[Usage]) -> None:
    http.record.input_tokens = usages[0].input_tokens
    http.record.output_tokens = sum(usage.output_tokens for usage in usages)


def _new_id() -> str:
    return hexlify(urandom(12)).decode()
