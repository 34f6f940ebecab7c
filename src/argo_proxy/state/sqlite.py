"""Responses kept in an SQLite file, which several processes of one machine may share.

All work is done by one thread, so that the event loop never waits for a disk or a lock. After any fault the file is
closed: the next call opens it anew, and succeeds when the cause is gone.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TypeVar

from argo_proxy.canonical.errors import StateError
from argo_proxy.state.database import FileId, connect, is_still, is_useless, make_file, set_aside
from argo_proxy.state.responses import Limits, StoredResponse, check_size
from argo_proxy.state.rows import Rows

T = TypeVar("T")

_WAIT_S = 5.0
_OR_ELSE = "or send `store: false`"
_PASSING = ("locked", "full", "disk I/O")
_CURES = (
    ("locked", "another program holds it; end that one, or choose another file as `state_url`"),
    ("full", f"free some space on its disk, {_OR_ELSE}"),
    ("disk I/O", f"look whether its disk is full or failing, {_OR_ELSE}"),
    ("", "let the proxy's user write this file and its directory, or choose another file as `state_url`"),
)


class SqliteStore:
    """Keeps them in the file at `path`. `clock` gives the Unix time; `wait_s` is how long a lock may last."""

    def __init__(self, path: Path, limits: Limits, clock: Callable[[], float], wait_s: float = _WAIT_S) -> None:
        self._path = path
        self.limits = limits
        self._clock = clock
        self._wait_s = wait_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="state")
        self._file: FileId = (0, 0)
        self._connection: sqlite3.Connection | None = None
        self._fault: tuple[float, StateError] | None = None

    def open(self) -> None:
        """Open the file now, so that the start tells of what is wrong with it.

        Raises StateError for what does not pass: a full disk is no reason not to serve what stores nothing.
        """
        try:
            self._thread.submit(self._attempt, lambda rows: rows.trim(self._clock())).result()
        except StateError as error:
            if not _passes(error):
                self.close()
                raise
            logging.getLogger(__name__).warning("%s", error)

    async def put(self, response: StoredResponse) -> None:
        """Insert or replace; either way it is now the newest."""
        check_size(response.size, self.limits)
        await self._ask(lambda rows: rows.put(response, self._clock()))

    async def get(self, response_id: str, owner: str) -> StoredResponse | None:
        """None when it is not there, too old, or another's."""
        return await self._ask(lambda rows: rows.get(response_id, owner, self._clock()))

    async def delete(self, response_id: str, owner: str) -> bool:
        """Whether it was there."""
        return await self._ask(lambda rows: rows.delete(response_id, owner, self._clock()))

    def close(self) -> None:
        """Finish what has begun, and close the file."""
        self._thread.submit(self._close_file)
        self._thread.shutdown()

    async def _ask(self, act: Callable[[Rows], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._attempt_since, monotonic(), act)

    def _attempt_since(self, asked_s: float, act: Callable[[Rows], T]) -> T:
        """In the thread: what was asked before the last fault showed fails with it, and does not wait all over."""
        if self._fault is not None and asked_s < self._fault[0]:
            raise self._fault[1]
        return self._attempt(act)

    def _attempt(self, act: Callable[[Rows], T]) -> T:
        """In the thread: do it; once more if the file is useless, or another process has just set it aside."""
        with self._telling_faults():
            try:
                return act(self._rows())
            except sqlite3.DatabaseError as error:
                self._close_file()
                if is_still(self._path, self._file):
                    self._set_aside(error)
            return act(self._rows())

    def _rows(self) -> Rows:
        if self._connection is None or not is_still(self._path, self._file):
            self._close_file()
            self._file = make_file(self._path)
            self._connection = connect(self._path, self._wait_s)
        return Rows(self._connection, self.limits)

    def _set_aside(self, error: sqlite3.Error) -> None:
        if not is_useless(self._path, error):
            raise error
        aside = set_aside(self._path, self._clock())
        logging.getLogger(__name__).warning(
            "stored responses: %s: %s; the file is now %s, and a new one begins", self._path, error, aside
        )

    @contextmanager
    def _telling_faults(self) -> Generator[None, None, None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            self._close_file()
            told = StateError(_sentence(self._path, error))
            self._fault = monotonic(), told
            raise told from error

    def _close_file(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _passes(error: StateError) -> bool:
    return any(piece in str(error.__cause__) for piece in _PASSING)


def _sentence(path: Path, error: sqlite3.Error | OSError) -> str:
    what = str(error.strerror) if isinstance(error, OSError) else str(error)
    cure = next(cure for piece, cure in _CURES if piece in what)
    return f"responses cannot be stored in {path}: {what}; {cure}"
