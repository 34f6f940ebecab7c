"""An end to answers that take longer than the client wants to wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from argo_proxy.canonical.errors import UpstreamTimeout
from argo_proxy.gateway.timeout import timeout


def time_limit(limit_s: float | None) -> AbstractAsyncContextManager[None]:
    """Cancels what runs inside after so many seconds, which shows as UpstreamTimeout; None: no limit."""
    return nullcontext() if limit_s is None else _time_limit(limit_s)


@asynccontextmanager
async def _time_limit(limit_s: float) -> AsyncGenerator[None]:
    try:
        async with timeout(limit_s):
            yield
    except asyncio.TimeoutError as error:
        raise UpstreamTimeout(f"the answer took longer than the request's timeout of {limit_s:g} s") from error
