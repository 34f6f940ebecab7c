"""The client's end of a stream: opened late enough for a proper error, kept alive while there is nothing to say."""

from __future__ import annotations

import asyncio

from argo_proxy.web.http import Http

KEEP_ALIVE = b": keep-alive\n\n"


class EventStream:
    """Opens at the first `write`, or after `open_after_s` of silence with a comment, repeated every `keep_alive_s`."""

    def __init__(self, http: Http, *, open_after_s: float, keep_alive_s: float) -> None:
        self.opened = False
        self._http = http
        self._keep_alive_s = keep_alive_s
        self._loop = asyncio.get_running_loop()
        self._quiet = True
        self._commenting: asyncio.Task[None] | None = None
        self._timer = self._loop.call_later(open_after_s, self._beat)

    async def write(self, data: bytes) -> None:
        """Send whole frames."""
        self._quiet = False
        if self._commenting is not None:
            await self._commenting
        await self._send(data)

    async def end(self, data: bytes) -> None:
        """Send the last frames."""
        self._timer.cancel()
        if self._commenting is not None:
            await self._commenting
        await self._open()
        await self._http.end_stream(data)

    def close(self) -> None:
        """Say nothing more."""
        self._timer.cancel()
        if self._commenting is not None:
            self._commenting.cancel()

    async def _send(self, data: bytes) -> None:
        await self._open()
        await self._http.write(data)

    async def _open(self) -> None:
        if not self.opened:
            self.opened = True
            await self._http.start_stream()

    def _beat(self) -> None:
        self._timer = self._loop.call_later(self._keep_alive_s, self._beat)
        if self._quiet and self._commenting is None:
            self._commenting = self._loop.create_task(self._comment())
        self._quiet = True

    async def _comment(self) -> None:
        await self._send(KEEP_ALIVE)
        self._commenting = None
