"""Notices that a client has gone while its answer is being made, and that an answer takes too long."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import TracebackType

from argo_proxy.canonical.errors import UpstreamTimeout
from argo_proxy.web.http import ClientLeft, Receive

if sys.version_info >= (3, 11):
    from asyncio import timeout
else:
    from async_timeout import timeout

_START_S = 0.01
"""A watch costs a task of its own, so answers that come at once go without; a model's never do."""


class ClientWatch:
    """Cancels what runs inside as soon as the client is gone, which shows as ClientLeft. The body must be read."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._left = False
        self._loop = asyncio.get_running_loop()
        self._answering = asyncio.current_task(self._loop)
        self._watching: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        self._timer = self._loop.call_later(_START_S, self._start)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()
        if self._left and isinstance(error, asyncio.CancelledError):
            raise ClientLeft from None

    def _start(self) -> None:
        self._watching = self._loop.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive()).get("type") != "http.disconnect":
            pass
        self._left = True
        if self._answering is not None:
            self._answering.cancel()


@asynccontextmanager
async def time_limit(limit_s: float) -> AsyncGenerator[None]:
    """Cancels what runs inside after so many seconds, which shows as UpstreamTimeout."""
    try:
        async with timeout(limit_s):
            yield
    except asyncio.TimeoutError as error:
        raise UpstreamTimeout(f"the answer took longer than the request's timeout of {limit_s:g} s") from error
