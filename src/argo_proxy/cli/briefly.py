"""Questions to the network that a command asks and ends with."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

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
