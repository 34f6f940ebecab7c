"""Notices that a client has gone while its answer is being made, and that an answer takes too long."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

from argo_proxy.canonical.errors import UpstreamTimeout
from argo_proxy.web.http import ClientLeft, Receive

if sys.version_info >= (3, 11):
    from asyncio import timeout
else:
    from async_timeout import timeout


@contextmanager
def client_watched(receive: Receive) -> Generator[None]:
    """Cancels what runs inside as soon as the client is gone, which shows as ClientLeft. The body must be read."""
    answering = asyncio.current_task()
    assert answering is not None
    watch = _Watch(receive, answering)
    try:
        yield
    except asyncio.CancelledError:
        if watch.left:
            raise ClientLeft from None
        raise
    finally:
        watch.stop()


class _Watch:
    def __init__(self, receive: Receive, answering: asyncio.Task[object]) -> None:
        self.left = False
        self._receive = receive
        self._answering = answering
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        while (await self._receive()).get("type") != "http.disconnect":
            pass
        self.left = True
        self._answering.cancel()


@asynccontextmanager
async def time_limit(limit_s: float) -> AsyncGenerator[None]:
    """Cancels what runs inside after so many seconds, which shows as UpstreamTimeout."""
    try:
        async with timeout(limit_s):
            yield
    except asyncio.TimeoutError as error:
        raise UpstreamTimeout(f"the answer took longer than the request's timeout of {limit_s:g} s") from error
