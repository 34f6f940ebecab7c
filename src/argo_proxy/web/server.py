"""The life of the server: listen, watch over the connections, and stop in good order."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from argo_proxy.gateway.outbox import Departures
from argo_proxy.web.client import ClientConnection
from argo_proxy.web.front import Site

_BACKLOG = 4096
"""Of clients that come at the same moment; asyncio's own is 100."""
_CHECK_S = 5.0
_LOOK_S = 0.02
_PARTING_S = 0.5
"""For the last refusals to reach their clients."""
_LAST_WORDS_S = 0.05
"""For what is cancelled to tell its client, and the log."""


class Server:
    """Serves a site on a socket until it is told to stop; then what is being answered gets `drain_s` to finish.

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
        self._departures = Departures()
        self._stops = 0
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Serve. Returns when it is told to stop and all answers have ended, or when it is told twice."""
        server = await self._listen()
        checking = asyncio.ensure_future(self._check())
        await self._stopping.wait()
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
        connection = ClientConnection(self._site, self._connections, self._departures)
        if self._stops:
            connection.be_late()
        return connection

    async def _check(self) -> None:
        """One timer for all connections."""
        while True:
            await asyncio.sleep(_CHECK_S)
            now_s = asyncio.get_running_loop().time()
            for connection in tuple(self._connections):
                connection.check(now_s)

    def stop(self) -> None:
        """Once lets answers finish, twice ends them; also before `run`."""
        self._stops += 1
        self._stopping.set()

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
        while self._connections and self._may_wait(end_s):  # noqa: ASYNC110 (a connection does not tell)
            await asyncio.sleep(_LOOK_S)
        for end in (ClientConnection.cancel, ClientConnection.abort):
            for connection in tuple(self._connections):
                end(connection)
            await asyncio.sleep(_LAST_WORDS_S if self._connections else 0)

    def _may_wait(self, end_s: float) -> bool:
        """To be told twice ends every wait."""
        return self._stops < 2 and asyncio.get_running_loop().time() < end_s
