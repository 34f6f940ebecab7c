"""Whether a newer version is published. Asked in the background, so that nobody ever waits for it."""

from __future__ import annotations

import asyncio
import re
from time import monotonic

import msgspec
from msgspec import Struct

from argo_proxy import __version__
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.gateway.pool import Pool

MAX_BYTES = 16 * 1024 * 1024
_TIMEOUT_S = 5.0
_ASK_AGAIN_S = 24 * 3600.0
_RELEASE = re.compile(r"\d{1,9}(\.\d{1,9})*")


class _Info(Struct):
    version: str


class _Project(Struct):
    info: _Info


class VersionAnswer(Struct):
    """What `GET /version` says; `latest` is null as long as nobody knows."""

    version: str
    latest: str | None
    update_available: bool


class Updates:
    """Asks a package index, at most once a day, and only after somebody wanted to know."""

    def __init__(self, pool: Pool, url: str) -> None:
        self._pool = pool
        self._endpoint = Endpoint(url, accept="application/json")
        self._latest: str | None = None
        self._asking: asyncio.Future[None] | None = None
        self._asked_s = -_ASK_AGAIN_S

    def version(self) -> VersionAnswer:
        """What is known now; starts to ask if that is old."""
        if monotonic() - self._asked_s >= _ASK_AGAIN_S:
            self._asked_s = monotonic()
            self._asking = asyncio.ensure_future(self._ask())
        return VersionAnswer(__version__, self._latest, is_newer(self._latest))

    def stop(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self) -> None:
        try:
            await asyncio.wait_for(self._read(), _TIMEOUT_S)
        except (UpstreamError, asyncio.TimeoutError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return  # offline, or no index there: as good as no news

    async def _read(self) -> None:
        response = await self._pool.send(self._endpoint.origin, self._endpoint.get())
        body = await response.read_all(MAX_BYTES)
        if response.status == 200:
            self._latest = version_in(body)


def version_in(body: bytes) -> str:
    """The newest version that a package index tells. Raises msgspec.DecodeError, UnicodeDecodeError, RecursionError."""
    return msgspec.json.decode(body, type=_Project).info.version


def is_newer(latest: str | None) -> bool:
    return latest is not None and _release(latest) > _release(__version__)


def _release(version: str) -> tuple[int, ...]:
    found = _RELEASE.match(version)
    return tuple(int(number) for number in found[0].split(".")) if found else ()
