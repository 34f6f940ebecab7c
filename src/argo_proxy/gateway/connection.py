"""One connection to the gateway: carries one exchange at a time and tells its pool when it is free or gone."""

from __future__ import annotations

import asyncio
import select
import ssl
from collections.abc import Callable
from typing import Protocol, cast

from argo_proxy.canonical.errors import UpstreamTimeout
from argo_proxy.gateway.endpoint import Origin
from argo_proxy.gateway.outbox import Departures, Outbox
from argo_proxy.gateway.response import Response


class Owner(Protocol):
    """What a connection tells the pool that opened it."""

    def released(self, connection: Connection) -> None: ...
    def lost(self, connection: Connection) -> None: ...


class Connection(asyncio.Protocol):
    """`idle_since_s` is the loop's time of the last release, or of its making."""

    def __init__(self, origin: Origin, owner: Owner, departures: Departures, idle_timeout_s: float) -> None:
        self.origin = origin
        self._owner = owner
        self._departures = departures
        self._idle_timeout_s = idle_timeout_s
        self._loop = asyncio.get_running_loop()
        self.idle_since_s = self._loop.time()
        self._transport: asyncio.Transport
        self._outbox: Outbox
        self._has_unread: Callable[[], bool]
        self._response: Response | None = None
        self._used = False
        self._heard_s = 0.0

    @property
    def usable(self) -> bool:
        """Whether another exchange may start on it: its end may have come, or bytes that would pass for the answer."""
        return self._response is None and not self._transport.is_closing() and not self._has_unread()

    @property
    def secured(self) -> ssl.SSLObject | None:
        """Its side of TLS; None where there is none."""
        return cast("ssl.SSLObject | None", self._transport.get_extra_info("ssl_object"))

    def send(self, request: bytes) -> Response:
        """Start an exchange: write the whole request, get the answer to come."""
        response = Response(self, reused=self._used)
        self._used = True
        self._response = response
        self._heard_s = self._loop.time()
        self._outbox.write(request)
        return response

    def close(self) -> None:
        """Drop the connection at once, with whatever is on it."""
        self._transport.abort()

    # For the response.

    def pause(self) -> None:
        self._transport.pause_reading()

    def resume(self) -> None:
        if not self._transport.is_closing():
            self._heard_s = self._loop.time()
            self._transport.resume_reading()

    def done(self, *, reusable: bool) -> None:
        paused = self._response is not None and self._response.paused
        self._response = None
        if not reusable or self._transport.is_closing():
            self._transport.abort()
            return
        if paused:
            self._transport.resume_reading()
        self.idle_since_s = self._loop.time()
        self._owner.released(self)

    def check_silence(self, now_s: float) -> None:
        """Give the exchange up if the gateway has sent nothing for too long; a reader's own pause does not count."""
        response = self._response
        if response is None or response.paused or now_s - self._heard_s < self._idle_timeout_s:
            return
        message = f"ARGO sent nothing for {self._idle_timeout_s:g} s; `upstream_idle_timeout_s` sets this limit"
        response.fail(UpstreamTimeout(message))

    # For asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._outbox = Outbox(self._transport, self._departures)
        self._has_unread = _look(transport.get_extra_info("socket").fileno())

    def data_received(self, data: bytes) -> None:
        response = self._response
        if response is None:
            self._transport.abort()  # nobody asked: what follows could be taken for the next answer
            return
        response.receive(data)
        if response.begun:  # a head that comes drop by drop is silence
            self._heard_s = self._loop.time()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        if self._response is not None:
            self._response.lost()
        self._owner.lost(self)


def _look(fileno: int) -> Callable[[], bool]:
    """What tells whether something has come that the loop has not yet read; at no cost to speak of."""
    if not hasattr(select, "poll"):  # Windows
        return lambda: bool(select.select([fileno], [], [], 0)[0])
    poll = select.poll()
    poll.register(fileno, select.POLLIN)
    return lambda: bool(poll.poll(0))
