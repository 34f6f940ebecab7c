"""One connection from a client: requests in, one at a time to the site, answers out in the same order.

Parsing is llhttp's (httptools), strict as it comes. A client that closes the connection cancels what is being
answered on it, at once and wherever it is.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from argo_proxy.canonical.embeddings import Text
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.gateway.line_meter import LineMeter
from argo_proxy.gateway.outbox import Departures, Outbox
from argo_proxy.web.front import Site
from argo_proxy.web.http import Http
from argo_proxy.web.request_head import head_too_large, split, without_upgrade

HEAD_S = 30.0
"""A request's head must be complete this soon after its first byte, and a client leave after its last answer."""
IDLE_S = 75.0
BODY_SILENCE_S = 60.0
MAX_QUEUED = 16
MAX_QUEUED_BYTES = 256 * 1024
"""So much may wait behind the request that is answered; reading goes on, or nobody would see that a client has left."""
UNREAD_S = 600.0
"""How long a client may leave what it is sent unread."""


class ClientConnection(asyncio.Protocol):
    """`connections` holds those that are open; `peer` is the address of the client, "" on a Unix socket."""

    def __init__(self, site: Site, connections: set[ClientConnection], departures: Departures) -> None:
        self.congested = False
        self.peer = ""
        self._site = site
        self._departures = departures
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._outbox: Outbox
        self._parser = HttpRequestParser(self)
        self._heard_s = self._loop.time()
        self._begun_s: float | None = None
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._meter = LineMeter()
        self._receiving: Http | None = None
        self._queue: deque[Http] = deque()
        self._queued_bytes = 0
        self._current: Http | None = None
        self._answering: asyncio.Task[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._late = False
        self._closing = False
        self._refusal: BadRequest | None = None
        self._hung_up = False

    # For the exchange.

    def write(self, *pieces: Text) -> None:
        self._outbox.write(*pieces)

    async def drain(self) -> None:
        if self.congested:
            if self._writable is None:
                self._writable = self._loop.create_future()
            await asyncio.shield(self._writable)

    def abort(self) -> None:
        self._outbox.flush()
        self._transport.abort()

    # For the server.

    @property
    def busy(self) -> bool:
        """Whether something is being answered, or is still on its way to the client."""
        return self._current is not None or bool(self._outbox) or self._transport.get_write_buffer_size() > 0

    def be_late(self) -> None:
        """What is being answered goes on; all that comes after it comes too late."""
        self._late = True
        if self._current is not None and not self._current.answered:
            self._current.be_late()

    def finish(self) -> None:
        """Close it after what is being answered."""
        self._closing = True
        self._queue.clear()
        self._refusal = None
        if self._current is None and not self._hung_up:
            self._outbox.flush()
            self._transport.close()

    def cancel(self) -> None:
        """Stop answering now."""
        if self._answering is not None:
            self._answering.cancel()

    def check(self, now_s: float) -> None:
        """Close it when the client has been silent for too long where it was its turn."""
        silent_s = now_s - self._heard_s
        if self.congested:
            overdue = silent_s > UNREAD_S
        elif self._begun_s is not None:
            overdue = now_s - self._begun_s > HEAD_S
        elif self._receiving is not None:
            overdue = silent_s > BODY_SILENCE_S
        else:
            overdue = self._current is None and silent_s > IDLE_S
        if overdue:
            self._transport.abort()

    # For asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._outbox = Outbox(self._transport, self._departures)
        self._connections.add(self)
        address: object = transport.get_extra_info("peername")
        if isinstance(address, tuple):
            self.peer = str(cast("tuple[object, ...]", address)[0])

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        self._connections.discard(self)
        self._queue.clear()
        self.resume_writing()
        if self._current is not None and self._answering is not None:
            self._current.left = True
            self._answering.cancel()

    def data_received(self, data: bytes) -> None:
        self._heard_s = self._loop.time()
        while data and not (self._closing and self._receiving is None):
            try:
                self._parser.feed_data(data)
                if not self._meter.keep(len(data)):
                    self._refuse_head()
                if self._meter.crowded and not self._transport.is_closing():
                    self._let_others_go_on()
                return
            except HttpParserUpgrade as upgrade:
                data = self._without_upgrade(data[upgrade.args[0] :])
            except HttpParserError as error:
                self._refuse(BadRequest(f"this is not valid HTTP: {error}", code="bad_http"))

    def _let_others_go_on(self) -> None:
        """Read no more before everybody else has had a turn: the event loop reads many blocks in a row."""
        self._transport.pause_reading()
        self._loop.call_soon(self._read_on)

    def _read_on(self) -> None:
        waiting = len(self._queue) > MAX_QUEUED or self._queued_bytes > MAX_QUEUED_BYTES
        if not waiting and not self._transport.is_closing():
            self._transport.resume_reading()

    def pause_writing(self) -> None:
        self.congested = True
        self._heard_s = self._loop.time()

    def resume_writing(self) -> None:
        self.congested = False
        self._heard_s = self._loop.time()
        if self._writable is not None:
            self._writable.set_result(None)
            self._writable = None
        self._start_next()

    # For llhttp.

    def on_message_begin(self) -> None:
        self._url, self._headers = b"", {}
        self._meter.begin()
        self._begun_s = self._loop.time()

    def on_url(self, url: bytes) -> None:
        self._url += url
        if not self._meter.add(len(url)):
            self._refuse_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._receiving is None:  # else it is a trailer, which means nothing here
            self._headers[name.lower()] = value
        if not self._meter.add(len(name) + len(value)):
            self._refuse_head()

    def on_headers_complete(self) -> None:
        self._begun_s = None
        if self._closing or self._parser.should_upgrade():
            return
        path, query = split(self._url)
        http = Http(
            self,
            self._parser.get_method().decode("latin-1"),
            path,
            self._headers,
            query=query,
            persistent=self._parser.should_keep_alive(),
            chunked=self._parser.get_http_version() == "1.1",
        )
        self._receiving = http
        if self._current is None:
            self._start(http)
        else:
            self._queue.append(http)
            if len(self._queue) > MAX_QUEUED:
                self._transport.pause_reading()

    def on_body(self, data: bytes) -> None:
        self._meter.parts += 1
        if self._receiving is not None:
            self._receiving.feed_body(data)
            if self._queue:  # it is the body of a request that waits for its turn
                self._queued_bytes += len(data)
                if self._queued_bytes > MAX_QUEUED_BYTES:
                    self._transport.pause_reading()

    def on_message_complete(self) -> None:
        http, self._receiving = self._receiving, None
        if http is not None:
            http.end_body()

    def _refuse_head(self) -> None:
        if not self._closing:
            self._refuse(head_too_large())

    # Answering.

    def _start(self, http: Http) -> None:
        if self._late:
            http.late, http.persistent = True, False
        self._current = http
        self._answering = self._loop.create_task(self._answer(http))

    async def _answer(self, http: Http) -> None:
        try:
            await self._site.handle(http)
        finally:
            self._answered(http)

    def _answered(self, http: Http) -> None:
        self._current = self._answering = None
        if self._transport.is_closing():
            return
        if not http.complete:
            self.abort()
        elif http.persistent:
            self._start_next()
        else:
            self._hang_up()

    def _without_upgrade(self, rest: bytes) -> bytes:
        """The request as if it had not asked for another protocol, which HTTP lets us ignore and llhttp does not."""
        method, version, headers = self._parser.get_method(), self._parser.get_http_version(), self._headers
        self._parser = HttpRequestParser(self)
        if method == b"CONNECT":
            self._refuse(BadRequest("argo-proxy is no proxy for CONNECT", status=405, code="method_not_allowed"))
            return b""
        return without_upgrade(b"%s %s HTTP/%s" % (method, self._url, version.encode()), headers) + rest

    def _start_next(self) -> None:
        """What comes after an answer, but not for a client that has left its last answers unread."""
        if self._current is not None or self.congested or self._transport.is_closing():
            return
        if self._queue:
            self._start(self._queue.popleft())
            if not self._queue:
                self._queued_bytes = 0
                self._transport.resume_reading()
        elif self._refusal is not None:
            self._site.refuse(Http(self, "-", "-", {}), self._refusal)
            self._hang_up()
        elif self._closing:
            self._hang_up()

    def _refuse(self, error: BadRequest) -> None:
        """What comes is no request: that is told when all before it is answered, and then nothing follows."""
        self._closing = True
        receiving, self._receiving = self._receiving, None
        if receiving is not None:
            receiving.fail_body(error)
        else:
            self._refusal = error
            self._start_next()

    def _hang_up(self) -> None:
        """Nothing follows. The client is heard out: to close while it sends could destroy the answer on its way."""
        self._hung_up = self._closing = True
        self._receiving = self._refusal = None
        self._queue.clear()
        self._begun_s = self._loop.time()
        self._outbox.flush()
        self._transport.write_eof()
        self._transport.resume_reading()
