"""Questions to the network that a command asks and ends with."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from argo_proxy.gateway.pool import Pool
from argo_proxy.gateway.trust import Trust
from argo_proxy.settings import Settings

T = TypeVar("T")


def briefly(question: Coroutine[object, object, T]) -> T:
    """Its answer. `asyncio.run` would wait at its end for a name server that does not answer."""
    loop = asyncio.new_event_loop()
    asking = loop.create_task(question)
    try:
        return loop.run_until_complete(asking)
    finally:
        asking.cancel()
        loop.run_until_complete(asyncio.gather(asking, return_exceptions=True))
        loop.close()


def brief_pool(settings: Settings, limit_s: float) -> Pool:
    """Connections the way that requests will take, none of which is waited for longer than that."""
    return Pool(
        connect_timeout_s=min(settings.connect_timeout_s, limit_s),
        idle_timeout_s=limit_s,
        resolve_overrides=settings.resolve_overrides,
        trust=Trust(settings.ca_file),
    )
