"""Stored responses: one interface, and the stores behind it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from argo_proxy.canonical.errors import StateError
from argo_proxy.state.memory import MemoryStore
from argo_proxy.state.responses import Limits, ResponseStore, StoredResponse, check_size

__all__ = ["Limits", "MemoryStore", "ResponseStore", "StateError", "StoredResponse", "check_size", "open_store"]

_SQLITE = "sqlite:///"


def open_store(url: str, limits: Limits, clock: Callable[[], float] = time.time) -> ResponseStore:
    """The store that `state_url` names: `memory:`, or `sqlite:///` and a path. Raises StateError.

    It blocks for a moment, so that the start tells of a file that cannot be used.
    """
    if url == "memory:":
        return MemoryStore(limits, clock)
    from argo_proxy.state.sqlite import SqliteStore  # SQLite is not part of every Python, nor needed for every start

    path = os.path.abspath(os.path.expanduser(url.removeprefix(_SQLITE)))
    store = SqliteStore(Path(path), limits, clock)
    store.open()
    return store
