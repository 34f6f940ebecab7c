"""Keeps the relay's catalog in step with the gateway's own list of models."""

from __future__ import annotations

import asyncio
import logging
from time import time

from argo_proxy.canonical.errors import ProxyError
from argo_proxy.catalog.catalog import Catalog, from_listing
from argo_proxy.catalog.facts import Facts
from argo_proxy.catalog.listing import parse_listing
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.gateway.pool import Pool
from argo_proxy.relay import Relay
from argo_proxy.telemetry.request_log import SHARED
from argo_proxy.upstreams.faults import error_from

MAX_LIST_BYTES = 8 * 1024 * 1024
RETRY_S = 60.0
_START_S = 0.5
"""How long the start waits for the list before it goes on with the built-in table."""


class ModelList:
    """`read_s` is the time of the last change, in seconds since the epoch; `from_gateway` says where it came from."""

    def __init__(self, relay: Relay, pool: Pool, facts: Facts, *, url: str, refresh_h: float) -> None:
        self.read_s = int(time())
        self.from_gateway = False
        self._relay = relay
        self._pool = pool
        self._facts = facts
        self._endpoint = list_endpoint(url)
        self._refresh_s = refresh_h * 3600
        self._reloading: asyncio.Future[None] | None = None
        self._following: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Ask for the list and go on asking; returns when the first answer is there, or after a moment."""
        first = asyncio.ensure_future(self._follow_once())
        self._following = asyncio.ensure_future(self._follow(first))
        await asyncio.wait({first}, timeout=_START_S)

    def stop(self) -> None:
        """Stop asking."""
        if self._following is not None:
            self._following.cancel()

    async def reload(self) -> None:
        """Read the list anew; callers at the same time share one reading. Raises ProxyError and keeps the old one."""
        if self._reloading is None or self._reloading.done():
            self._reloading = asyncio.ensure_future(self._read())
        await asyncio.shield(self._reloading)

    async def _follow(self, first: asyncio.Future[float]) -> None:
        pause_s = await first
        while True:
            await asyncio.sleep(pause_s)
            pause_s = await self._follow_once()

    async def _follow_once(self) -> float:
        """Read the list, and say how long to wait until the next time."""
        try:
            await self.reload()
        except ProxyError as error:
            source = "the last list" if self.from_gateway else "the built-in table"
            logging.getLogger(SHARED).warning("model list: %s; going on with %s", error.message, source)
            return min(RETRY_S, self._refresh_s)
        return self._refresh_s

    async def _read(self) -> None:
        self._relay.catalog = await fetch_catalog(self._pool, self._endpoint, self._facts)
        self.read_s = int(time())
        self.from_gateway = True


def list_endpoint(url: str) -> Endpoint:
    """Where the list is."""
    return Endpoint(url, accept="application/json")


async def fetch_catalog(pool: Pool, endpoint: Endpoint, facts: Facts) -> Catalog:
    """The models that the gateway lists now. Raises ProxyError."""
    response = await pool.send(endpoint.origin, endpoint.get())
    body = await response.read_all(MAX_LIST_BYTES)
    if response.status != 200:
        raise error_from(response.status, body)
    return from_listing(facts, parse_listing(body))
