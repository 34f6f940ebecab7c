"""The site of now, which may be replaced while it answers: a request stays with the site that it began with."""

from __future__ import annotations

import asyncio
from typing import Protocol

from argo_proxy.canonical.errors import ProxyError
from argo_proxy.web.http import Http


class Site(Protocol):
    """What answers requests."""

    async def handle(self, http: Http) -> None:
        """Answer it, whatever it is; only cancelling gets out of here."""
        ...

    def refuse(self, http: Http, error: ProxyError) -> None:
        """Answer what is no request."""
        ...


class _Turn:
    """The time of one site, `over` with the last answer that it gives."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.answering = 0
        self.over = asyncio.Event()


class Front:
    """A site for client connections that hands each request on to the site of now."""

    def __init__(self, site: Site) -> None:
        self._turn = _Turn(site)

    async def handle(self, http: Http) -> None:
        turn = self._turn
        turn.answering += 1
        try:
            await turn.site.handle(http)
        finally:
            turn.answering -= 1
            if turn is not self._turn and not turn.answering:
                turn.over.set()

    def refuse(self, http: Http, error: ProxyError) -> None:
        self._turn.site.refuse(http, error)

    async def replace(self, site: Site) -> None:
        """From now on this one answers. Returns when the one before has given its last answer."""
        old, self._turn = self._turn, _Turn(site)
        if old.answering:
            await old.over.wait()
