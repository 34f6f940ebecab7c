"""A gateway of raw bytes on the loopback, inside the test's own event loop, and both loops to run it on."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest

from argo_proxy.gateway.endpoint import Origin
from argo_proxy.gateway.pool import Pool

T = TypeVar("T")
DEADLINE_S = 20.0
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def run_on_asyncio(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(coroutine, DEADLINE_S))


def run_on_uvloop(coroutine: Coroutine[Any, Any, T]) -> T:
    try:
        import uvloop
    except ImportError:
        coroutine.close()
        pytest.skip("uvloop is not installed")
    return uvloop.run(asyncio.wait_for(coroutine, DEADLINE_S))


both_loops = pytest.mark.parametrize("run", [run_on_asyncio, run_on_uvloop], ids=["asyncio", "uvloop"])


class Visit:
    """One connection as the server sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.requests: list[bytes] = []
        self.closed = asyncio.Event()

    async def request(self) -> bytes:
        """The next request, whole. Raises IncompleteReadError when the client leaves."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next((line[15:] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), b"0")
        request = head + await self.reader.readexactly(int(length))
        self.requests.append(request)
        return request

    def say(self, data: bytes) -> None:
        self.writer.write(data)

    async def hang_up(self) -> None:
        await self.writer.drain()
        self.writer.close()

    async def until_left(self) -> None:
        """Wait until the client has closed the connection."""
        try:
            while await self.reader.read(65_536):
                pass
        except ConnectionError:
            pass


Behaviour = Callable[[Visit], Awaitable[None]]


class Server:
    """What has come to it so far."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.visits: list[Visit] = []
        self.origin = Origin("127.0.0.1", 0, secure=False)
        self._behaviour = behaviour

    @property
    def requests(self) -> list[bytes]:
        return [request for visit in self.visits for request in visit.requests]

    async def visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = Visit(reader, writer)
        self.visits.append(visit)
        try:
            await self._behaviour(visit)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()
            visit.closed.set()


@asynccontextmanager
async def serving(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(behaviour)
    listening = await asyncio.start_server(server.visited, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    server.origin = Origin("127.0.0.1", port, secure=tls is not None)
    try:
        yield server
    finally:
        listening.close()
        for visit in server.visits:
            visit.writer.transport.abort()
        await asyncio.gather(*(visit.closed.wait() for visit in server.visits))


def answering(replies: Sequence[bytes] = (), default: bytes = OK) -> Behaviour:
    """Give these answers in turn, whatever the connection, and then the default for ever."""
    left = list(replies)

    async def behave(visit: Visit) -> None:
        while True:
            await visit.request()
            visit.say(left.pop(0) if left else default)

    return behave


@asynccontextmanager
async def pooling(**options: Any) -> AsyncIterator[Pool]:
    pool = Pool(**{"connect_timeout_s": 5.0, "idle_timeout_s": 5.0} | options)
    try:
        yield pool
    finally:
        pool.close()
        await turns()


async def turns(count: int = 5) -> None:
    """Let everything that is ready to run have its turn."""
    for _ in range(count):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    """Come back once it holds; the deadline is that of the whole test."""
    while not condition():  # noqa: ASYNC110 (what is waited for is not of this program's making)
        await asyncio.sleep(0)
