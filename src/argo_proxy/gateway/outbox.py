"""What is sent in one turn of the event loop leaves at its end, that of all connections together.

A write to a socket wakes whoever reads there, which costs more than all else about it. While this process still has
other requests to look after, the reader would be back asleep before the next write; of many in a row it sleeps through
none. Law: every connection's bytes leave in their order, and at the latest before anything else is done to it.
"""

from __future__ import annotations

import asyncio

from argo_proxy.canonical.embeddings import Text

_LARGE_BYTES = 64 * 1024
"""So much does not wait: it is worth a write of its own, and the connection must learn that it is congested."""


class Departures:
    """The outboxes that hold something."""

    def __init__(self) -> None:
        self._waiting: list[Outbox] = []

    def add(self, outbox: Outbox) -> None:
        """Its first bytes in this turn wait."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._leave)
        self._waiting.append(outbox)

    def _leave(self) -> None:
        waiting, self._waiting = self._waiting, []
        for outbox in waiting:
            outbox.flush()


class Outbox:
    """What one connection sends."""

    def __init__(self, transport: asyncio.Transport, departures: Departures) -> None:
        self._transport = transport
        self._departures = departures
        self._pieces: list[Text] = []
        self._bytes = 0

    def __bool__(self) -> bool:
        """Whether something waits here."""
        return bool(self._pieces)

    def write(self, *pieces: Text) -> None:
        """Send them with all else of this turn."""
        if not self._pieces:
            self._departures.add(self)
        self._pieces += pieces
        self._bytes += sum(map(len, pieces))
        if self._bytes > _LARGE_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what waits now."""
        pieces = self._pieces
        if not pieces:
            return
        large, self._pieces, self._bytes = self._bytes > _LARGE_BYTES, [], 0
        if self._transport.is_closing():
            return  # for uvloop to write were an error, when the other side has only just left
        if large:
            self._transport.writelines(pieces)  # without a copy of it all
        else:
            self._transport.write(b"".join(pieces))
