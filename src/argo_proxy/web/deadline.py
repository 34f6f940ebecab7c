"""An end to answers that take longer than the client wants to wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from argo_proxy.canonical.errors import UpstreamTimeout
from argo_proxy.gateway.timeout import timeout


@asynccontextmanager
async def time_limit(limit_s: float | None) -> AsyncGenerator[None]:
    """Cancels what runs inside after so many seconds, which shows as UpstreamTimeout; None: no limit."""
    if limit_s is None:
        yield
        return
    try:
        async with timeout(limit_s):
            yield
    except asyncio.TimeoutError as error:
        raise UpstreamTimeout(f"the answer took longer than the request's timeout of {limit_s:g} s") from error
