"""What is checked of each host of ARGO before any URL: that its name is known here, and its certificate trusted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.cli.checkup import Check
from argo_proxy.cli.connectivity import VPN, explained
from argo_proxy.gateway.endpoint import Endpoint, Origin
from argo_proxy.gateway.pool import Pool
from argo_proxy.gateway.timeout import timeout
from argo_proxy.settings import Settings
from argo_proxy.settings.addresses import is_address
from argo_proxy.settings.table import URL_PATHS


async def hosts(settings: Settings, pool: Pool, limit_s: float) -> tuple[Check, ...]:
    """All names first, then all certificates; a host that several URLs have is checked once."""
    origins = tuple(dict.fromkeys(Endpoint(str(getattr(settings, key))).origin for key in URL_PATHS))
    names = {origin.host: origin for origin in origins}.values()
    secure = [origin for origin in origins if origin.secure]
    known = asyncio.gather(*(name(origin, settings.resolve_overrides, limit_s) for origin in names))
    trusted = asyncio.gather(*(certificate(pool, origin, limit_s) for origin in secure))
    none = () if secure else (Check("TLS", "skipped", "no URL of ARGO begins with https"),)
    return (*await known, *await trusted, *none)


async def name(origin: Origin, overrides: Mapping[str, str], limit_s: float) -> Check:
    """What the name of the host leads to."""
    if target := overrides.get(str(origin)) or overrides.get(origin.host):
        return Check("DNS", "ok", f"{origin.host} is asked for at {target}, by `resolve_overrides`")
    if is_address(origin.host):
        return Check("DNS", "ok", f"{origin.host} is an address")
    try:
        async with timeout(limit_s):
            found = await asyncio.get_running_loop().getaddrinfo(origin.host, origin.port)
    except (OSError, UnicodeError):
        return Check("DNS", "failed", f"the name {origin.host} is not known here", VPN)
    except asyncio.TimeoutError:
        return Check("DNS", "failed", f"nobody tells within {limit_s:g} s where {origin.host} is", VPN)
    return Check("DNS", "ok", f"{origin.host} is {found[0][4][0]}")


async def certificate(pool: Pool, origin: Origin, limit_s: float) -> Check:
    """Whether the host proves that it is the one. Where it cannot be connected to, its URLs tell why."""
    try:
        async with timeout(limit_s):
            await pool.reach(origin)
    except UpstreamError as error:
        if error.http_code != "tls_error":
            return Check("TLS", "skipped", f"no connection to {origin}")
        return Check("TLS", "failed", *explained(error))
    except asyncio.TimeoutError:
        return Check("TLS", "skipped", f"no connection to {origin}")
    return Check("TLS", "ok", f"the certificate of {origin} is trusted")
