"""An HTTP/1.1 client for one purpose: send a request that is ready, get its answer, keep connections warm.

A request is sent twice only when a kept connection turns out to have been closed before it carried a byte back.
A caller that is cancelled leaves nothing behind: its connection is dropped, and with it the call.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections import defaultdict, deque
from collections.abc import Callable, Mapping

from argo_proxy.canonical.errors import Unavailable, UpstreamError, UpstreamTimeout
from argo_proxy.gateway.connection import Connection
from argo_proxy.gateway.endpoint import Origin
from argo_proxy.gateway.outbox import Departures
from argo_proxy.gateway.response import Response, StaleConnection
from argo_proxy.gateway.timeout import timeout
from argo_proxy.gateway.trust import Trust

KEEP_IDLE_S = 30.0  # shorter than the 60 to 75 s after which web servers usually drop an idle connection
MAX_IDLE = 512


class Pool:
    """Connections by origin, the most recently used first."""

    def __init__(
        self,
        *,
        connect_timeout_s: float,
        idle_timeout_s: float,
        resolve_overrides: Mapping[str, str] | None = None,
        trust: Trust | None = None,
    ) -> None:
        """`resolve_overrides` maps `host` or `host:port` to `address` or `address:port`, as curl's --resolve does."""
        self._connect_timeout_s = connect_timeout_s
        self._idle_timeout_s = idle_timeout_s
        self._departures = Departures()
        self._overrides = resolve_overrides or {}
        self._trust = trust or Trust()
        self._idle: defaultdict[Origin, deque[Connection]] = defaultdict(deque)
        self._open: set[Connection] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._sweep_s = min(1.0, idle_timeout_s / 4)

    async def send(
        self, origin: Origin, request: bytes, *, fresh: bool = False, connected: Callable[[], None] = lambda: None
    ) -> Response:
        """Send it and wait for the answer's head, on a `fresh` connection or a kept one. Raises UpstreamError.

        `connected` is called when a connection has been made, which can be long before an answer comes.
        """
        connection = self._take(origin)
        if connection is not None and fresh:
            connection.close()  # the fresh one takes its place, or kept ones would pile up
        elif connection is not None:
            try:
                response = connection.send(request)
                await response.head()
                return response
            except StaleConnection:
                pass  # the others are likely to be stale, too
        connection = await self._connect(origin)
        connected()
        response = connection.send(request)
        await response.head()
        if origin.secure:
            self._trust.remember(connection.secured)
        return response

    async def reach(self, origin: Origin) -> None:
        """Make sure that the origin can be connected to. Raises UpstreamError."""
        if not any(connection.origin == origin for connection in self._open):
            self.released(await self._connect(origin))

    def close(self) -> None:
        """Drop every connection."""
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in tuple(self._open):
            connection.close()

    def _take(self, origin: Origin) -> Connection | None:
        idle = self._idle[origin]
        oldest_s = asyncio.get_running_loop().time() - KEEP_IDLE_S
        while idle:
            connection = idle.pop()
            if connection.usable and connection.idle_since_s > oldest_s:
                return connection
            connection.close()
        return None

    # For the connections.

    def released(self, connection: Connection) -> None:
        idle = self._idle[connection.origin]
        idle.append(connection)
        if len(idle) > MAX_IDLE:
            idle.popleft().close()

    def lost(self, connection: Connection) -> None:
        self._open.discard(connection)
        idle = self._idle[connection.origin]
        if connection in idle:
            idle.remove(connection)

    # Opening.

    async def _connect(self, origin: Origin) -> Connection:
        """A new connection, within the time limit."""
        try:
            async with timeout(self._connect_timeout_s):
                return await self._dial(origin)
        except asyncio.TimeoutError as error:
            message = (
                f"no connection to {origin} within {self._connect_timeout_s:g} s; are you on the lab network or VPN?"
            )
            raise UpstreamTimeout(message, code="connect_timeout") from error

    async def _dial(self, origin: Origin) -> Connection:
        host, port = self._resolve(origin)
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(origin, self, self._departures, self._idle_timeout_s),
                host,
                port,
                ssl=self._trust.context if origin.secure else None,
                server_hostname=origin.host if origin.secure else None,
            )
        except (OSError, UnicodeError) as error:
            raise _explain(origin, error) from error
        self._open.add(connection)
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(self._sweep_s, self._check_connections)
        return connection

    def _check_connections(self) -> None:
        """One timer for all connections: one for each exchange would cost more than the rest of its upkeep."""
        loop = asyncio.get_running_loop()
        for connection in tuple(self._open):
            connection.check_silence(loop.time())
        for idle in self._idle.values():
            while idle and idle[0].idle_since_s <= loop.time() - KEEP_IDLE_S:
                idle.popleft().close()  # nobody takes it any more: the most recently used go first
        self._sweep = loop.call_later(self._sweep_s, self._check_connections) if self._open else None

    def _resolve(self, origin: Origin) -> tuple[str, int]:
        target = self._overrides.get(str(origin)) or self._overrides.get(origin.host)
        if target is None:
            return origin.host, origin.port
        host, colon, port = target.rpartition(":")
        if colon and port.isdigit() and (":" not in host or host.startswith("[")):
            return host.strip("[]"), int(port)
        return target.strip("[]"), origin.port


def _explain(origin: Origin, error: OSError | UnicodeError) -> UpstreamError:
    match error:
        case ssl.SSLCertVerificationError():
            reason = f"{error.verify_message}; if a lab certificate is missing, name its file in `ca_file`"
            return UpstreamError(f"the certificate of {origin} is not trusted: {reason}", code="tls_error")
        case ssl.SSLError():
            return UpstreamError(f"TLS with {origin} failed: {error.reason or error}", code="tls_error")
        case socket.gaierror() | UnicodeError():  # the latter for a name that no host can have
            message = f"the host name {origin.host} cannot be resolved; are you on the lab network or VPN?"
            return Unavailable(message, code="dns_error")
        case OSError():
            reason = os.strerror(error.errno).lower() if error.errno else str(error)  # asyncio's own hides the reason
            return Unavailable(f"cannot connect to {origin}: {reason}", code="connect_error")
