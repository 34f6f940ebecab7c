"""Asks for the addresses of strangers' hosts, a few at a time.

A lookup holds one of few threads, which the way to ARGO needs too, until its name server answers, however late: it
cannot be given up. So that slow name servers hold up nobody but each other, a place is free only when its lookup ends.
"""

from __future__ import annotations

import asyncio
import socket

AT_ONCE = 2


class Lookups:
    """Those of one process."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def addresses(self, host: str, port: int) -> list[str]:
        """All addresses of the host. Raises OSError, and UnicodeError for a name that no host can have."""
        await self._places.acquire()
        found = await asyncio.shield(asyncio.ensure_future(self._look_up(host, port)))
        if isinstance(found, list):
            return found
        raise found

    async def _look_up(self, host: str, port: int) -> list[str] | OSError | UnicodeError:
        """Returns its error, for whoever asked may have left, and then nobody would take it."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            return error
        finally:
            self._places.release()
        return [str(entry[4][0]) for entry in found]
