"""One HTTP exchange with a client on the bare ASGI interface: read the body, answer whole or piece by piece."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from os import urandom
from time import perf_counter
from typing import TypeAlias, TypedDict

from argo_proxy.canonical.errors import BadRequest
from argo_proxy.relay import Waiting
from argo_proxy.telemetry.request_log import RequestRecord

Header: TypeAlias = tuple[bytes, bytes]
Send: TypeAlias = Callable[[Mapping[str, object]], Awaitable[None]]


class Scope(TypedDict):
    """What of ASGI's connection scope is used here."""

    type: str
    method: str
    path: str
    headers: list[Header]


class ClientMessage(TypedDict, total=False):
    """What ASGI's `receive` gives."""

    type: str
    body: bytes
    more_body: bool


Receive: TypeAlias = Callable[[], Awaitable[ClientMessage]]

JSON = b"application/json"
EVENT_STREAM = b"text/event-stream; charset=utf-8"


class ClientLeft(Exception):
    """The client closed its connection before the answer was complete."""


class Http:
    """A request, and the one answer to it. `record` becomes its line in the log."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.receive = receive
        self.method = scope["method"]
        self.path = scope["path"].rstrip("/") or "/"
        self.headers = dict(scope["headers"])
        self.answered = False
        self.id = urandom(12).hex()
        self.record = RequestRecord(f"req_{self.id}", self.method, scope["path"])
        self.waitings: list[Waiting] = []
        self._send = send
        self._started_s = perf_counter()
        self._extra: list[Header] = []

    def header(self, name: bytes) -> bytes | None:
        """The header of that (lower-case) name."""
        return self.headers.get(name)

    def add_headers(self, headers: Iterable[Header]) -> None:
        """Send these headers with the answer, whatever the answer will be."""
        self._extra += headers

    async def body(self, limit: int) -> bytes:
        """The whole body. Raises BadRequest 413 beyond `limit` bytes, ClientLeft when it breaks off."""
        announced = self.header(b"content-length")
        if announced is not None and int(announced) > limit:
            raise self._too_large(limit)
        pieces: list[bytes] = []
        size, more = 0, True
        while more:
            message = await self.receive()
            if message.get("type") == "http.disconnect":
                raise ClientLeft
            piece = message.get("body", b"")
            more = message.get("more_body", False)
            size += len(piece)
            if size > limit:
                raise self._too_large(limit)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def respond(
        self, status: int, body: bytes, content_type: bytes = JSON, headers: Iterable[Header] = ()
    ) -> None:
        """Answer whole."""
        await self._start(status, [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *headers])
        await self._send({"type": "http.response.body", "body": body})

    async def start_stream(self) -> None:
        """Begin a stream of server-sent events; the extra headers keep caches and reverse proxies from holding it."""
        quick = [(b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no")]
        await self._start(200, [(b"content-type", EVENT_STREAM), *quick])

    async def write(self, data: bytes) -> None:
        """A piece of the stream; waits while the client is slower than we are."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end_stream(self, data: bytes = b"") -> None:
        """The last piece."""
        await self._send({"type": "http.response.body", "body": data})

    def finish_record(self) -> RequestRecord:
        """The record, with the times that have passed until now."""
        self.record.ms = self._passed_ms()
        self.record.own_ms = self._own_ms()
        return self.record

    async def _start(self, status: int, headers: list[Header]) -> None:
        self.answered = True
        self.record.status = status
        headers += [
            (b"x-request-id", self.record.id.encode()),
            (b"x-argo-proxy-overhead-ms", b"%.2f" % self._own_ms()),
            *self._extra,
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    def _own_ms(self) -> float:
        """The time that was not spent on waiting for ARGO; calls side by side wait together."""
        waited_s = max((waiting.total_s for waiting in self.waitings), default=0.0)
        return max(0.0, self._passed_ms() - waited_s * 1000)

    def _passed_ms(self) -> float:
        return (perf_counter() - self._started_s) * 1000

    def _too_large(self, limit: int) -> BadRequest:
        self.add_headers([(b"connection", b"close")])  # the rest of the body is still on its way
        message = f"the request body is larger than {limit // 2**20} MiB; `max_body_mb` sets this limit"
        return BadRequest(message, status=413, code="request_too_large")
