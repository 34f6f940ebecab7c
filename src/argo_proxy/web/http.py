"""One HTTP exchange with a client: the request, and the one answer to it, whole or piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from email.utils import formatdate
from functools import cached_property, lru_cache
from http import HTTPStatus
from os import urandom
from time import perf_counter, time
from typing import Protocol, TypeAlias
from urllib.parse import parse_qsl

from argo_proxy.canonical.embeddings import Text
from argo_proxy.canonical.errors import BadRequest, ProxyError
from argo_proxy.relay import Waiting
from argo_proxy.telemetry.overheard import Overheard
from argo_proxy.telemetry.request_record import RequestRecord
from argo_proxy.web.body import CODINGS, coding_of, inflate, too_large
from argo_proxy.web.stopping import too_late

Header: TypeAlias = tuple[bytes, bytes]

JSON = b"application/json"
EVENT_STREAM = b"text/event-stream; charset=utf-8"
_UNASKED_BYTES = 16 * 2**20
"""How much of a body is kept for a handler that has not asked for it: more than can come before its first step, for
libuv reads 32 times 256 KiB in a row."""
_MANY_PIECES = 1024
"""Of a body are joined: each takes some 50 bytes beside its own, of which it may have but one."""
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}


class Wire(Protocol):
    """What an exchange asks of the connection that it happens on."""

    @property
    def congested(self) -> bool:
        """Whether the client reads slower than it is written to."""
        ...

    @property
    def peer(self) -> str:
        """The address of the client; "" on a Unix socket."""
        ...

    def write(self, *pieces: Text) -> None: ...

    async def drain(self) -> None:
        """Wait until the client has caught up."""
        ...

    def abort(self) -> None: ...


class Http:
    """`path` has no trailing slash; header names are in lower case. `target` is the name that the path holds, if its
    route has one. `record` becomes the line in the log; `heard` listens to the bodies, where the log shows them.
    `late`: it has come when the proxy was about to stop."""

    def __init__(
        self,
        wire: Wire,
        method: str,
        path: str,
        headers: dict[bytes, bytes],
        *,
        query: bytes = b"",
        persistent: bool = False,
        chunked: bool = False,
    ) -> None:
        """`persistent`: the connection may carry another request; `chunked`: the client knows that encoding."""
        self.method = method
        self.path = path.rstrip("/") or "/"
        self.target = ""
        self.headers = headers
        self.persistent = persistent
        self.late = False
        self.left = False
        self.answered = False
        self.complete = False
        self.id = urandom(12).hex()
        self.record = RequestRecord(f"req_{self.id}", method, path)
        self.heard: Overheard | None = None
        self._waitings: list[Waiting] = []
        self._wire = wire
        self._query = query
        self._chunked = chunked
        self._started_s = perf_counter()
        self._client_s = 0.0
        self._extra: list[Header] = []
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._joined = 0
        self._body_limit = _UNASKED_BYTES
        self._body_waiter: asyncio.Future[None] | None = None
        self._body_error: ProxyError | None = None
        self.body_complete = False

    # The request.

    def header(self, name: bytes) -> bytes | None:
        """The header of that (lower-case) name."""
        return self.headers.get(name)

    @property
    def peer(self) -> str:
        """The address that the client has; "" on a Unix socket."""
        return self._wire.peer

    @cached_property
    def query(self) -> Mapping[str, str]:
        """What the URL asks for after its `?`, decoded; of a name that is there twice the last value."""
        return dict(parse_qsl(self._query.decode("utf-8", "replace"), keep_blank_values=True))

    def body(self, limit: int) -> Coroutine[object, object, bytes]:
        """The whole body, inflated if it is compressed. Raises BadRequest 413 beyond `limit` bytes."""
        coding = self.headers.get(b"content-encoding")
        body = self._received(limit) if coding is None else self._inflated(limit, coding)
        return body if self.heard is None else _overheard(body, self.heard)

    async def _inflated(self, limit: int, header: bytes) -> bytes:
        try:
            coding = coding_of(header)
        except BadRequest:
            self.add_headers([(b"accept-encoding", CODINGS)])  # the place to tell it: RFC 9110, 12.5.3
            raise
        body = await self._received(limit)
        inflated = body if coding is None else await inflate(body, coding, limit)
        self._body_bytes = len(inflated)
        return inflated

    async def _received(self, limit: int) -> bytes:
        announced = self.headers.get(b"content-length")
        if self._body_bytes > self._body_limit or (announced is not None and int(announced) > limit):
            raise too_large(limit)
        self._body_limit = limit
        if not self.body_complete:
            if self.headers.get(b"expect", b"").lower() == b"100-continue":
                self._wire.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._body_waiter = asyncio.get_running_loop().create_future()
            if self._body_error is None:
                await self._body_waiter
            self._started_s = perf_counter()  # how long the client took to send it is not our time
        if self._body_error is not None:
            raise self._body_error
        if self._body_bytes > limit:
            raise too_large(limit)
        return self._body[0] if len(self._body) == 1 else b"".join(self._body)

    @property
    def body_bytes(self) -> int:
        """How long the body is that has been read, inflated."""
        return self._body_bytes

    def feed_body(self, data: bytes) -> None:
        """More of the body, for the connection to call. What nobody reads is dropped."""
        self._body_bytes += len(data)
        if self.complete or self._body_bytes > self._body_limit:
            self._body.clear()
            self._joined = 0
            self._wake()
        else:
            self._body.append(data)
            if len(self._body) - self._joined == _MANY_PIECES:
                self._body[self._joined :] = [b"".join(self._body[self._joined :])]
                self._joined += 1

    def end_body(self) -> None:
        """The body has arrived, for the connection to call."""
        self.body_complete = True
        self._wake()

    def be_late(self) -> None:
        """No other request follows on the connection, and what has not come yet of this one comes too late."""
        self.persistent = False
        if not self.body_complete:
            self.fail_body(too_late())

    def fail_body(self, error: ProxyError) -> None:
        """What comes is no body, or is none any more, for the connection to call."""
        self._body_error = error
        self._wake()

    def _wake(self) -> None:
        if self._body_waiter is not None and not self._body_waiter.done():
            self._body_waiter.set_result(None)

    # The answer.

    def waiting(self) -> Waiting:
        """What adds up the wait for a call to ARGO."""
        waiting = Waiting()
        self._waitings.append(waiting)
        return waiting

    def add_headers(self, headers: Iterable[Header]) -> None:
        """Send these headers with the answer, whatever the answer will be."""
        self._extra += headers

    def respond(
        self, status: int, body: bytes | Sequence[Text], content_type: bytes = JSON, headers: Iterable[Header] = ()
    ) -> None:
        """Answer whole; what is long, and not worth a copy, may come in pieces."""
        self._extra += headers
        pieces: Sequence[Text] = (body,) if isinstance(body, bytes) else body
        length = sum(map(len, pieces))
        head = self._head(status, b"content-type: %s\r\ncontent-length: %d\r\n" % (content_type, length))
        self.complete = True
        if self.heard is not None:
            self.heard.tell(b"".join(pieces))
        if self.method == "HEAD":
            pieces = ()
        self._wire.write(head, *pieces)

    def start_stream(self, content_type: bytes = EVENT_STREAM) -> None:
        """Begin a stream; the extra headers keep caches and reverse proxies from holding it."""
        headers = b"content-type: %s\r\ncache-control: no-cache\r\nx-accel-buffering: no\r\n" % content_type
        if self._chunked:
            headers += b"transfer-encoding: chunked\r\n"
        else:
            self.persistent = False  # where a stream ends, an older client learns by the end of the connection
        self._wire.write(self._head(200, headers))

    def write(self, data: bytes) -> None:
        """A piece of the stream. Whoever has more to write waits for `drain` while the connection is `congested`."""
        if self.heard is not None:
            self.heard.tell_piece(data)
        self._wire.write(b"%x\r\n%s\r\n" % (len(data), data) if self._chunked else data)

    @property
    def congested(self) -> bool:
        """Whether the client reads slower than it is written to."""
        return self._wire.congested

    async def drain(self) -> None:
        """Wait until the client has caught up, which is not our time."""
        if self._wire.congested:
            began_s = perf_counter()
            await self._wire.drain()
            self._client_s += perf_counter() - began_s

    def end_stream(self, data: bytes) -> None:
        """The last piece."""
        if data:
            self.write(data)
        self.complete = True
        if self._chunked:
            self._wire.write(b"0\r\n\r\n")

    def break_off(self) -> None:
        """Show the client that the answer is not complete, when it is too late to say so."""
        self._wire.abort()

    def finish_record(self) -> RequestRecord:
        """The record, with the times that have passed until now."""
        self.record.ms = self._passed_ms()
        self.record.own_ms = self._own_ms()
        return self.record

    def _head(self, status: int, headers: bytes) -> bytes:
        self.answered = True
        self.record.status = status
        if not self.body_complete:
            self.persistent = False  # what is left of the body would be taken for the next request
        return b"%s%s%s%sx-request-id: %s\r\nx-argo-proxy-overhead-ms: %.2f\r\n%s" % (
            _status_line(status),
            _date_line(int(time())),
            headers,
            b"".join([b"%s: %s\r\n" % pair for pair in self._extra]),
            self.record.id.encode(),
            self._own_ms(),
            b"\r\n" if self.persistent else b"connection: close\r\n\r\n",
        )

    def _own_ms(self) -> float:
        """The time that was not spent on waiting for ARGO, or the client; calls side by side wait together."""
        waited_s = max([waiting.total_s for waiting in self._waitings], default=0.0)
        return max(0.0, self._passed_ms() - (waited_s + self._client_s) * 1000)

    def _passed_ms(self) -> float:
        return (perf_counter() - self._started_s) * 1000


async def _overheard(body: Coroutine[object, object, bytes], heard: Overheard) -> bytes:
    received = await body
    heard.ask(received)
    return received


def _status_line(status: int) -> bytes:
    """A gateway's own numbers, such as 529, have no name here."""
    return _STATUS_LINES.get(status) or b"HTTP/1.1 %d Unknown\r\n" % status


@lru_cache(maxsize=2)
def _date_line(time_s: int) -> bytes:
    return f"date: {formatdate(time_s, usegmt=True)}\r\n".encode()
