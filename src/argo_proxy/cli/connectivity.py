"""Whether ARGO can be reached from here: one finding for each of the four URLs, with the cure beside each failure.

The way is the one that requests will take (`resolve_overrides`, `ca_file`): name, connection, TLS, an answer. What
matters is that something answers at that path: a GET to a chat endpoint is refused, and that is well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec import Struct

from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.cli.briefly import brief_pool, briefly
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.gateway.pool import Pool
from argo_proxy.gateway.timeout import timeout
from argo_proxy.settings import Settings
from argo_proxy.settings.table import URL_PATHS

LIMIT_S = 5.0
"""For each URL; all are tried side by side."""

VPN = "are you on the lab network or VPN? Through an SSH tunnel, name its end in `resolve_overrides`"
_CURES = {
    "dns_error": VPN,
    "connect_timeout": VPN,
    "connect_error": "does the SSH tunnel run, and are host and port right? Without a tunnel: are you on the VPN?",
    "tls_error": "name the file with the certificate of your network in `ca_file`; keep the real host name in the URL"
    " behind a tunnel, and name the tunnel's end in `resolve_overrides`",
}
_ANSWERS_WRONGLY = "ARGO itself has trouble; try again later, or the other one: `argo_base_url`"


class Finding(Struct, frozen=True):
    """What is known of one URL after the check; without a problem it has been reached."""

    key: str
    url: str
    ms: int
    problem: str | None = None
    cure: str | None = None


class Unfit(Exception):
    """The URL answers, but not as ARGO does."""

    def __init__(self, problem: str, cure: str) -> None:
        super().__init__(problem)
        self.cure = cure


def check(settings: Settings, told: Callable[[Finding], None] = lambda _: None) -> tuple[Finding, ...]:
    """`check_urls` for callers without an event loop. Ctrl-C ends it."""
    return briefly(check_urls(settings, told))


async def check_urls(
    settings: Settings, told: Callable[[Finding], None] = lambda _: None, limit_s: float = LIMIT_S
) -> tuple[Finding, ...]:
    """One finding for each URL, in the order of `URL_PATHS`; `told` hears of each as soon as it is there."""
    pool = brief_pool(settings, limit_s)

    async def tell(key: str) -> Finding:
        finding = await check_url(pool, key, str(getattr(settings, key)), limit_s)
        told(finding)
        return finding

    try:
        return tuple(await asyncio.gather(*map(tell, URL_PATHS)))
    finally:
        pool.close()
        await asyncio.sleep(0)  # for the connections to see that they are closed


async def check_url(pool: Pool, key: str, url: str, limit_s: float) -> Finding:
    """Try one URL, `limit_s` at most."""
    loop = asyncio.get_running_loop()
    start_s = loop.time()
    problem, cure = await _trouble(pool, key, url, limit_s)
    return Finding(key, url, round(1000 * (loop.time() - start_s)), problem, cure)


async def _trouble(pool: Pool, key: str, url: str, limit_s: float) -> tuple[str, str] | tuple[None, None]:
    try:
        async with timeout(limit_s):
            await _ask(pool, key, url)
    except asyncio.TimeoutError:
        return f"no answer within {limit_s:g} s", VPN
    except UpstreamError as error:
        return explained(error)
    except Unfit as unfit:
        return str(unfit), unfit.cure
    return None, None


def explained(error: UpstreamError) -> tuple[str, str]:
    """The problem, and its cure, of which more is said here than in the message."""
    return error.message.partition("; ")[0], _CURES.get(error.http_code or "", _ANSWERS_WRONGLY)


async def _ask(pool: Pool, key: str, url: str) -> None:
    """Raises Unfit or UpstreamError."""
    endpoint = Endpoint(url)
    response = await pool.send(endpoint.origin, endpoint.get())
    response.close()
    check_key = f"correct `{key}`, or leave it out"
    match response.status:
        case 301 | 302 | 303 | 307 | 308:
            raise Unfit(f"leads elsewhere (HTTP {response.status}): a login page, or a wrong path", check_key)
        case 404 | 410:
            raise Unfit(f"there is nothing at this path (HTTP {response.status})", check_key)
        case 401 | 403:
            raise Unfit(f"lets nobody in from here (HTTP {response.status})", VPN)
        case 502 | 503 | 504:
            raise Unfit(f"does not work at the moment (HTTP {response.status})", _ANSWERS_WRONGLY)
        case _:
            return
