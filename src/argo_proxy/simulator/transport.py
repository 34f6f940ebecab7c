"""The one hack: gives the app the TCP connection of a request, to tell it from others and to break it."""

import asyncio
import os
import socket
import struct
from collections.abc import Generator
from contextlib import contextmanager
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
        self.requests = 0
        self._transport = transport

    def write(self, data: bytes) -> None:
        """Bytes as they are, past the server; none when nobody is there to read them."""
        if not self.closed.is_set():
            self._at_hand().write(data)

    @contextmanager
    def in_one_go(self) -> Generator[None]:
        """What is written inside arrives as one, where the system can see to that."""
        cork = getattr(socket, "TCP_CORK", None)
        if cork is None:
            yield
            return
        self._set_option(socket.IPPROTO_TCP, cork, 1)
        yield
        self._set_option(socket.IPPROTO_TCP, cork, 0)

    def close_when_idle(self, after_s: float) -> None:
        """Close it without a word, unless another request has come by then."""
        asyncio.get_running_loop().call_later(after_s, self._close_unless_used, self.requests)

    async def drop(self, last_bytes: bytes, *, reset: bool) -> None:
        """Write `last_bytes` as they are and close; `reset` makes it a RST instead of a FIN."""
        transport = self._at_hand()
        transport.write(last_bytes)
        await _let_uvloop_write()
        if reset:
            self._set_option(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
        transport.abort()
        await self.closed.wait()

    def _close_unless_used(self, requests: int) -> None:
        if self.requests == requests:
            self._at_hand().close()

    def _set_option(self, level: int, option: int, value: int | bytes) -> None:
        """Through a duplicate, because an event loop hides the real socket; the option belongs to both."""
        hidden: socket.socket = self._at_hand().get_extra_info("socket")
        with socket.fromfd(hidden.fileno(), hidden.family, hidden.type) as duplicate:
            duplicate.setsockopt(level, option, value)

    def _at_hand(self) -> asyncio.Transport:
        if self._transport is None:
            raise RuntimeError("to break a connection, serve the simulator with http=SimulatorProtocol")
        return self._transport


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
        self.connection.requests += 1
        self.scope["extensions"] = {EXTENSION: {"connection": self.connection}}


def connection_of(scope: Scope) -> Connection:
    """The request's connection; under another server one that nobody can drop."""
    connection = scope.get("extensions", {}).get(EXTENSION, {}).get("connection")
    return connection if isinstance(connection, Connection) else Connection()


async def _let_uvloop_write() -> None:
    """uvloop writes what was queued at the end of an iteration; abort() would discard it."""
    for _ in range(2):
        await asyncio.sleep(0)
