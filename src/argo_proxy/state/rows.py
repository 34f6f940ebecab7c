"""The responses in an open database, each a row in the order in which they came."""

from __future__ import annotations

import sqlite3

from argo_proxy.state.database import writing
from argo_proxy.state.responses import Limits, StoredResponse

_PAGES_AT_ONCE = 1000


class Rows:
    """Reads and writes the rows. Everything may raise sqlite3.Error; then nothing has changed."""

    def __init__(self, connection: sqlite3.Connection, limits: Limits) -> None:
        self._connection = connection
        self._limits = limits

    def put(self, response: StoredResponse, now_s: float) -> None:
        """Insert or replace; either way it is now the newest, and has a new place."""
        key, size = (response.id, response.owner), response.size
        with writing(self._connection):
            self._connection.execute("DELETE FROM responses WHERE id = ? AND owner = ?", key)
            self._make_room(size, now_s)
            self._connection.execute(
                "INSERT INTO responses (id, owner, created_s, size, body, items) VALUES (?, ?, ?, ?, ?, ?)",
                (*key, response.created_s, size, response.body, response.items),
            )
            self._give_back()

    def get(self, response_id: str, owner: str, now_s: float) -> StoredResponse | None:
        """None when it is not there, too old, or another's."""
        row: tuple[str, str, int, bytes, bytes] | None = self._connection.execute(
            "SELECT id, owner, created_s, body, items FROM responses WHERE id = ? AND owner = ? AND created_s >= ?",
            (response_id, owner, self._limits.oldest_s(now_s)),
        ).fetchone()
        return None if row is None else StoredResponse(*row)

    def delete(self, response_id: str, owner: str, now_s: float) -> bool:
        """Whether it was there. What is too old goes when room is made."""
        with writing(self._connection):
            deleted = self._connection.execute(
                "DELETE FROM responses WHERE id = ? AND owner = ? AND created_s >= ?",
                (response_id, owner, self._limits.oldest_s(now_s)),
            )
            self._give_back()
        return deleted.rowcount > 0

    def trim(self, now_s: float) -> None:
        """Remove what is too old, or more than the limit, which may have been another one before."""
        with writing(self._connection):
            self._make_room(0, now_s)
            self._give_back()

    def _make_room(self, size: int, now_s: float) -> None:
        """Remove from the oldest on until that many bytes have room, and the oldest is young enough."""
        while (oldest := self._oldest()) is not None:
            place, created_s, total = oldest
            if total + size <= self._limits.max_bytes and created_s >= self._limits.oldest_s(now_s):
                return
            self._connection.execute("DELETE FROM responses WHERE place = ?", (place,))

    def _oldest(self) -> tuple[int, int, int] | None:
        """Its place, its time, and the bytes of all: triggers keep that sum, for every process that writes."""
        row: tuple[int, int, int] | None = self._connection.execute(
            "SELECT place, created_s, bytes FROM responses, total ORDER BY place LIMIT 1"
        ).fetchone()
        return row

    def _give_back(self) -> None:
        """Let the file shrink when a quarter of it is empty: less will soon be filled again."""
        free, pages = self._pages("freelist_count"), self._pages("page_count")
        if free * 4 > pages:
            for _ in range(min(free, _PAGES_AT_ONCE)):
                self._connection.execute("PRAGMA incremental_vacuum(1)")  # Python 3.11 stops after one of more

    def _pages(self, which: str) -> int:
        row: tuple[int] = self._connection.execute(f"PRAGMA {which}").fetchone()
        return row[0]
