"""Stored responses: one interface, and the stores behind it."""

from __future__ import annotations

import time
from collections.abc import Callable

from argo_proxy.canonical.errors import StateError
from argo_proxy.state.memory import MemoryStore
from argo_proxy.state.responses import Limits, ResponseStore, StoredResponse

__all__ = ["Limits", "MemoryStore", "ResponseStore", "StateError", "StoredResponse", "open_store"]


def open_store(url: str, limits: Limits, clock: Callable[[], float] = time.time) -> ResponseStore:
    """The store that `state_url` names. Raises StateError."""
    if url == "memory:":
        return MemoryStore(limits, clock)
    raise StateError(f"state_url: found {url!r}, expected memory:")
