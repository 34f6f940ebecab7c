"""Measures what comes on a connection before it is known what it is, for it might never end.

That are heads, and the line that a parser is in, which it keeps. Many tiny parts are measured, too: each is work.
"""

from __future__ import annotations

MAX_HEAD_BYTES = 64 * 1024
MAX_PARTS = 2_000
"""Of one block of bytes; what comes in more of them takes longer than others should wait."""


class LineMeter:
    """Is told of every part that the parser finds, and of every block of bytes that it has read."""

    def __init__(self) -> None:
        self.crowded = False
        """Whether the last block was made of very many parts."""
        self.parts = 0
        """Those of the block that is being read: of a body its owner counts them here, of a head `add` does."""
        self._head_bytes = 0
        self._kept_bytes = 0

    def begin(self) -> None:
        """A head begins."""
        self._head_bytes = 0

    def add(self, size: int) -> bool:
        """Another part of a head has come. Whether the head is still short enough."""
        self.parts += 1
        self._head_bytes += size
        return self._head_bytes <= MAX_HEAD_BYTES

    def keep(self, size: int) -> bool:
        """The parser has read so many bytes. Whether those since the last part are still few enough."""
        self._kept_bytes = 0 if self.parts else self._kept_bytes + size
        self.crowded = self.parts > MAX_PARTS
        self.parts = 0
        return self._kept_bytes <= MAX_HEAD_BYTES
