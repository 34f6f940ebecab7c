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
        self._timer = self._loop.call_later(open_after_s, self._beat)

    def write(self, data: bytes) -> bool:
        """Send whole frames. Whether more can follow at once: else its writer waits for `drain`."""
        self._quiet = False
        if not self.opened:
            self._open()
        self._http.write(data)
        return not self._http.congested

    async def drain(self) -> None:
        """Wait until the client has caught up."""
        await self._http.drain()

    def end(self, data: bytes) -> None:
        """Send the last frames."""
        if not self.opened:
            self._open()
        self._http.end_stream(data)

    def close(self) -> None:
        """Say nothing more."""
        self._timer.cancel()

    def _open(self) -> None:
        self.opened = True
        self._http.start_stream()

    def _beat(self) -> None:
        self._timer = self._loop.call_later(self._keep_alive_s, self._beat)
        if self._quiet and not self._http.congested:
            self.write(KEEP_ALIVE)
        self._quiet = True
