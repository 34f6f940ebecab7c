"""The life of the server: listen, watch over the connections, and stop in good order."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable

from argo_proxy.web.client import ClientConnection, Site

_BACKLOG = 4096
"""Of clients that come at the same moment; asyncio's own is 100."""
_CHECK_S = 5.0
_LOOK_S = 0.02
_PARTING_S = 0.5
"""For the last refusals to reach their clients."""
_LAST_WORDS_S = 0.05
"""For what is cancelled to tell its client, and the log."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Server:
    """Serves a site on a socket until a signal says stop; then what is being answered gets `drain_s` to finish.

    As long as that takes, new requests are taken and turned away, on connections old and new.
    """

    def __init__(
        self,
        site: Site,
        listener: socket.socket,
        *,
        drain_s: float,
        busy: Callable[[], bool],
    ) -> None:
        """`busy` tells of work that no connection waits for."""
        self._site = site
        self._listener = listener
        self._drain_s = drain_s
        self._busy = busy
        self._connections: set[ClientConnection] = set()
        self._signals = 0
        self._signalled = asyncio.Event()

    def heed_signals(self) -> None:
        """From now on a signal stops the server, even one that has not begun to run."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            if sys.platform == "win32":
                signal.signal(number, lambda _number, _frame: self._heed_in(loop))
            else:
                loop.add_signal_handler(number, self.stop)

    async def run(self) -> None:
        """Serve. Returns after the first signal and the end of all answers, or after a second one."""
        server = await self._listen()
        checking = asyncio.ensure_future(self._check())
        await self._signalled.wait()
        await self._drain()
        server.close()
        await self._part()
        checking.cancel()

    async def _listen(self) -> asyncio.AbstractServer:
        loop = asyncio.get_running_loop()
        is_inet = self._listener.family in (socket.AF_INET, socket.AF_INET6)
        listen = loop.create_server if is_inet else loop.create_unix_server
        return await listen(self._accept, sock=self._listener, backlog=_BACKLOG)

    def _accept(self) -> ClientConnection:
        connection = ClientConnection(self._site, self._connections)
        if self._signals:
            connection.be_late()
        return connection

    async def _check(self) -> None:
        """One timer for all connections."""
        while True:
            await asyncio.sleep(_CHECK_S)
            now_s = asyncio.get_running_loop().time()
            for connection in tuple(self._connections):
                connection.check(now_s)

    def _heed_in(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon_threadsafe(self.stop)

    def stop(self) -> None:
        """As a signal does: once lets answers finish, twice ends them."""
        self._signals += 1
        self._signalled.set()

    async def _drain(self) -> None:
        """What is being answered goes on to its end; what comes meanwhile is late, and holds up nobody."""
        working = {connection for connection in self._connections if connection.busy}
        for connection in self._connections:
            connection.be_late()
        end_s = asyncio.get_running_loop().time() + self._drain_s
        while (working or self._busy()) and self._may_wait(end_s):
            await asyncio.sleep(_LOOK_S)
            working = {connection for connection in working & self._connections if connection.busy}

    async def _part(self) -> None:
        """Idle connections close at once, others after the refusal that they are told, the rest is broken off."""
        for connection in tuple(self._connections):
            connection.finish()
        end_s = asyncio.get_running_loop().time() + _PARTING_S
        while self._connections and self._may_wait(end_s):  # noqa: ASYNC110 (as above)
            await asyncio.sleep(_LOOK_S)
        for end in (ClientConnection.cancel, ClientConnection.abort):
            for connection in tuple(self._connections):
                end(connection)
            await asyncio.sleep(_LAST_WORDS_S if self._connections else 0)

    def _may_wait(self, end_s: float) -> bool:
        """The second signal ends every wait."""
        return self._signals < 2 and asyncio.get_running_loop().time() < end_s
