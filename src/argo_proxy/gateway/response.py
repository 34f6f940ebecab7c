"""One HTTP/1.1 answer as it arrives. Parsing is llhttp's (httptools); this keeps the pieces until they are read.

Law: `read` gives the body's bytes in order, then b"" if and only if the answer arrived whole; else it raises.
A reader that is slower than the gateway stops the connection from reading: at most `HIGH_WATER` bytes wait here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeAlias

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.gateway.buffer import PIECE_BYTES, PIECE_COST, Buffer
from argo_proxy.gateway.inflate import Inflater
from argo_proxy.gateway.line_meter import MAX_HEAD_BYTES, LineMeter

HIGH_WATER = 64 * 1024
Take: TypeAlias = Callable[[bytes], bool]
"""Takes a piece of the body at the moment it comes, and says whether the next may follow so."""
_INTERIM_COST = 64


class StaleConnection(Exception):
    """A pooled connection was closed by the gateway before a byte of the answer came: send again on a new one."""


class Wire(Protocol):
    """What an answer asks of the connection that it arrives on."""

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def done(self, *, reusable: bool) -> None:
        """The answer is complete, or no longer wanted: hand the connection back, or drop it."""
        ...


class Response:
    """`status` and `headers` (lower-case names) are there after `head`; the body comes by `read`."""

    __deletable__ = ("_parser",)  # for mypyc

    def __init__(self, wire: Wire, *, reused: bool) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self._wire = wire
        self._reused = reused
        self._parser = HttpResponseParser(self)
        self._buffer = Buffer()
        self._room = HIGH_WATER
        self._paused = False
        self._meter = LineMeter()
        self._head_complete = False
        self._complete = False
        self._reusable = False
        self._error: Exception | None = None
        self._touched = False
        self._inflater: Inflater | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._push: Take | None = None
        self._afterwards: Callable[[], None] | None = None
        self._left = False

    # For the reader.

    async def head(self) -> None:
        """Wait for the status and the headers; who leaves before gives the answer up.

        Raises StaleConnection or UpstreamError.
        """
        try:
            while not self._head_complete:
                if self._error is not None:
                    raise self._error
                await self._arrival()
        except BaseException:
            self.close()
            raise

    def ready(self) -> bytes | None:
        """What has arrived, `PIECE_BYTES` at most, b"" at the end; None: nothing yet. Raises UpstreamError."""
        if self._buffer:
            return self._take(self._buffer.take)
        if self._error is not None:
            raise self._error
        return b"" if self._complete else None

    async def read(self) -> bytes:
        """The same, waiting for it."""
        while (data := self.ready()) is None:
            await self._arrival()
        return data

    async def push(self, take: Take) -> None:
        """Have what comes taken without waking anybody up for it; for which nothing may wait to be read.

        Returns when there is something to `read` again, be it the end: `take` wants no more at once, or it is too much
        for one piece. Raises what `take` raises.
        """
        if self._buffer or self._complete or self._error is not None:
            return
        self._push = take
        try:
            await self._arrival()
        finally:
            self._push = self._waiter = None

    async def read_all(self, limit: int) -> bytes:
        """The rest of the body. Raises UpstreamError when it passes `limit` bytes or breaks off."""
        self._room = limit + PIECE_COST  # nobody is woken up before it is there
        while True:
            data = self._take(self._buffer.take_all)
            if len(data) > limit:
                self.close()
                raise UpstreamError(f"ARGO's answer is longer than {limit} bytes", code="answer_too_large")
            if self._complete:
                return data
            if self._error is not None:
                raise self._error
            self._buffer.add(data)
            await self._arrival()

    def _take(self, take: Callable[[], bytes]) -> bytes:
        """Some of what waits; once nothing does any more, the connection goes on reading."""
        data = take()
        if self._paused and not self._buffer:
            self._paused = False
            self._wire.resume()
        return data

    def close(self) -> None:
        """Leave it, read or not; an answer that is still arriving is cancelled by dropping its connection."""
        if not self._complete and self._error is None:
            self._fail(UpstreamError("the answer was closed before its end"))

    def afterwards(self, callback: Callable[[], None]) -> None:
        """Have this called as soon as nothing more comes: at once, if that is so already."""
        if self._left:
            callback()
        else:
            self._afterwards = callback

    def _arrival(self) -> asyncio.Future[None]:
        """Done when there is something new."""
        self._waiter = asyncio.get_running_loop().create_future()
        return self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # For the connection.

    @property
    def begun(self) -> bool:
        """Whether its head is complete."""
        return self._head_complete

    @property
    def paused(self) -> bool:
        """Whether the reader holds the connection back."""
        return self._paused

    def receive(self, data: bytes) -> None:
        """Bytes from the network. The connection is handed back only if nothing follows the answer."""
        self._touched = True
        try:
            self._parser.feed_data(data)
            if not self._meter.keep(len(data)):
                self._refuse_head()
        except (HttpParserError, HttpParserUpgrade) as error:
            self._reusable = False
            self.fail(UpstreamError(f"ARGO's answer is not valid HTTP: {error}", code="bad_answer"))
        if self._push is not None and self._buffer and self._error is None:
            self._hand_on(self._push)
        if self._complete:
            self._leave(reusable=self._reusable)

    def _hand_on(self, take: Take) -> None:
        """What one block of bytes has brought goes on together, or is left to the reader."""
        try:
            if self._buffer.size <= PIECE_BYTES and take(self._buffer.take_all()):
                return
        except Exception as error:  # noqa: BLE001 (it is the reader's, who learns of it below)
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_exception(error)
        self._push = None
        self._wake()

    def lost(self) -> None:
        """The gateway closed the connection."""
        if self._complete:
            return
        if self._reused and not self._touched:
            self.fail(StaleConnection())
        elif self._head_complete and self._ends_with_connection():
            self._finish()
            if self._complete:
                self._leave(reusable=False)
        else:
            where = "in the middle of" if self._head_complete else "before"
            self.fail(UpstreamError(f"ARGO closed the connection {where} its answer", code="connection_lost"))

    def fail(self, error: Exception) -> None:
        """End the answer with an error, after what has already arrived."""
        if not self._complete and self._error is None:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._error = error
        self._leave(reusable=False)

    def _finish(self) -> None:
        if self._inflater is not None and not self._inflater.complete:
            self.fail(UpstreamError("ARGO's compressed answer is cut short", code="connection_lost"))
        else:
            self._complete = True

    def _leave(self, *, reusable: bool) -> None:
        del self._parser  # it refers back here: without this every answer would wait for the garbage collector
        self._wire.done(reusable=reusable)
        self._left = True
        if self._afterwards is not None:
            self._afterwards()
        self._paused = False  # what is read from now on is no matter of the connection, which may have another answer
        self._wake()

    def _ends_with_connection(self) -> bool:
        return b"content-length" not in self.headers and b"transfer-encoding" not in self.headers

    # Llhttp's callbacks.

    def on_message_begin(self) -> None:
        if self._complete:
            raise HttpParserError("a second answer that nobody asked for")

    def on_status(self, reason: bytes) -> None:
        if not self._meter.add(len(reason)):
            self._refuse_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._meter.add(len(name) + len(value)):
            self.headers[name.lower()] = value
        else:
            self._refuse_head()

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self._is_interim():
            if not self._meter.add(_INTERIM_COST):
                self._refuse_head()
            return
        if self.status < 100:
            self.fail(UpstreamError(f"ARGO answered with {self.status}, which is no status", code="bad_answer"))
            return
        if self.headers.get(b"content-encoding", b"").lower() in (b"gzip", b"deflate"):
            self._inflater = Inflater()
        self._head_complete = True
        self._wake()

    def on_body(self, data: bytes) -> None:
        self._meter.parts += 1
        if self._error is not None:
            return
        if self._inflater is not None:
            data = self._inflate(self._inflater, data)
        if data:
            self._buffer.add(data)
            full = self._buffer.size > self._room
            if full or (self._push is None and self._room == HIGH_WATER):
                self._wake()
            if full and not self._paused:
                self._paused = True
                self._wire.pause()

    def on_message_complete(self) -> None:
        if self._is_interim():
            self.headers.clear()
        elif self._error is None:
            self._reusable = self._parser.should_keep_alive()
            self._finish()

    def _refuse_head(self) -> None:
        """What has come of heads, interim ones and trailers included, is too long."""
        self.fail(UpstreamError(f"ARGO's headers are longer than {MAX_HEAD_BYTES} bytes", code="bad_answer"))

    def _is_interim(self) -> bool:
        return 100 <= self.status < 200

    def _inflate(self, inflater: Inflater, data: bytes) -> bytes:
        try:
            return inflater.feed(data)
        except UpstreamError as error:
            self.fail(error)
            return b""
