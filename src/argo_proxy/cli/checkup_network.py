"""What is checked over the network: ARGO's hosts and URLs, its clock beside ours, and what the package index says."""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime
from time import time

from argo_proxy import __version__
from argo_proxy.canonical.errors import ProxyError
from argo_proxy.cli.briefly import brief_pool
from argo_proxy.cli.checkup import Check
from argo_proxy.cli.checkup_hosts import hosts
from argo_proxy.cli.connectivity import Finding, check_urls
from argo_proxy.cli.version import PACKAGE
from argo_proxy.gateway.pool import Pool
from argo_proxy.gateway.timeout import timeout
from argo_proxy.model_list import list_endpoint
from argo_proxy.settings import Settings
from argo_proxy.updates import is_newer

LIMIT_S = 5.0
MAX_SKEW_S = 300
"""From here on certificates and tokens of others begin to fail."""
NAMES = {
    "argo_url": "chat URL",
    "argo_stream_url": "stream URL",
    "argo_embedding_url": "embedding URL",
    "argo_model_url": "models URL",
}


async def network(settings: Settings) -> tuple[Check, ...]:
    """All that has to do with ARGO, side by side."""
    pool = brief_pool(settings, LIMIT_S)
    try:
        known, findings, skew_s = await asyncio.gather(
            hosts(settings, pool, LIMIT_S),
            check_urls(settings),
            clock_skew_s(pool, settings.argo_model_url),
        )
    finally:
        pool.close()
    return (*known, *map(reached, findings), clock(skew_s))


def reached(finding: Finding) -> Check:
    if finding.problem is None:
        return Check(NAMES[finding.key], "ok", f"{finding.url} answers in {finding.ms} ms")
    return Check(NAMES[finding.key], "failed", f"{finding.url}: {finding.problem}", finding.cure)


async def clock_skew_s(pool: Pool, url: str) -> float | None:
    """How far the clock here is ahead of ARGO's; None when that does not tell."""
    endpoint = list_endpoint(url)
    try:
        async with timeout(LIMIT_S):
            response = await pool.send(endpoint.origin, endpoint.get())
    except (ProxyError, asyncio.TimeoutError):
        return None
    response.close()
    try:
        return time() - parsedate_to_datetime(response.headers[b"date"].decode("latin-1")).timestamp()
    except (KeyError, ValueError):
        return None


def clock(skew_s: float | None) -> Check:
    if skew_s is None:
        return Check("clock", "skipped", "ARGO does not tell the time")
    off_s = round(abs(skew_s))
    if off_s < MAX_SKEW_S:
        return Check("clock", "ok", f"within {max(1, off_s)} s of ARGO's")
    side = "ahead of" if skew_s > 0 else "behind"
    cure = "let it be set from the network: timedatectl set-ntp true, or the system's date settings"
    return Check("clock", "failed", f"{off_s // 60} min {side} ARGO's", cure)


def version(latest: str | None) -> Check:
    if latest is None:
        return Check("version", "ok", f"{__version__}; what is newest cannot be asked from here")
    if is_newer(latest):
        return Check("version", "note", f"{__version__}; {latest} is published", f"pip install --upgrade {PACKAGE}")
    return Check("version", "ok", f"{__version__}, the newest")
