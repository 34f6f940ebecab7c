"""The one hack: gives the app the TCP connection of a request, to tell it from others and to break it."""

import asyncio
import os
import socket
import struct
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from argo_proxy.simulator.asgi import Scope

EXTENSION: Final = "argo_simulator"
LINGER_ZERO: Final = struct.pack("ii", 1, 0)


class Connection:
    """A client's TCP connection; `closed` is set once either side has closed it."""

    def __init__(self, transport: asyncio.Transport | None = None) -> None:
        self.id: Final = os.urandom(4).hex()
        self.closed: Final = asyncio.Event()
        self._transport = transport

    async def drop(self, last_bytes: bytes, *, reset: bool) -> None:
        """Write `last_bytes` as they are and close; `reset` makes it a RST instead of a FIN."""
        if self._transport is None:
            raise RuntimeError("to drop a connection, serve the simulator with http=SimulatorProtocol")
        self._transport.write(last_bytes)
        await _let_uvloop_write()
        if reset:
            _forget_lingering(self._transport.get_extra_info("socket"))
        self._transport.abort()
        await self.closed.wait()


class SimulatorProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with the connection in `scope["extensions"]["argo_simulator"]`."""

    connection: Connection

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.connection = Connection(transport)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.connection.closed.set()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"connection": self.connection}}


def connection_of(scope: Scope) -> Connection:
    """The request's connection; under another server one that nobody can drop."""
    connection = scope.get("extensions", {}).get(EXTENSION, {}).get("connection")
    return connection if isinstance(connection, Connection) else Connection()


async def _let_uvloop_write() -> None:
    """uvloop writes what was queued at the end of an iteration; abort() would discard it."""
    for _ in range(2):
        await asyncio.sleep(0)


def _forget_lingering(hidden: socket.socket) -> None:
    """Through a duplicate, because an event loop hides the real socket; the option belongs to both."""
    with socket.fromfd(hidden.fileno(), hidden.family, hidden.type) as duplicate:
        duplicate.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
