"""Bytes that have come and wait to be read."""

from __future__ import annotations

PIECE_BYTES = 8 * 1024
"""So much is read at once: all that is made of it on its way to the client takes several times the room."""
PIECE_COST = 64
"""Bytes that a piece takes beside its own; it may have but one."""


class Buffer:
    """They go out in the order in which they came in. `size` is the room that they take."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes] = []
        self._taken = 0

    def __bool__(self) -> bool:
        """Whether something waits."""
        return bool(self._pieces)

    def add(self, data: bytes) -> None:
        """Another piece has come; it may be empty, and is none then."""
        if data:
            self._pieces.append(data)
            self.size += len(data) + PIECE_COST

    def take(self) -> bytes:
        """What waits, but at most `PIECE_BYTES` of it."""
        if self.size <= PIECE_BYTES:
            return self.take_all()
        whole = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        end = self._taken + PIECE_BYTES
        if end >= len(whole):
            return self.take_all()
        data = whole[self._taken : end]
        self._pieces, self._taken, self.size = [whole], end, len(whole) - end
        return data

    def take_all(self) -> bytes:
        """All that waits."""
        data = b"".join(self._pieces)
        if self._taken:
            data = data[self._taken :]
        self._pieces, self._taken, self.size = [], 0, 0
        return data
