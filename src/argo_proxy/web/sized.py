"""Work whose length depends on what the client sends: at once when it is short, else in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from argo_proxy.relay import INLINE_BYTES

P = ParamSpec("P")
T = TypeVar("T")


async def sized(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of the work on `size` bytes, which never holds up the other requests."""
    if size <= INLINE_BYTES:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)
