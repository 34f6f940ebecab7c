"""New settings while it serves: a new service takes over, and the old one ends with its last answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from argo_proxy.service import Service
from argo_proxy.settings import Settings
from argo_proxy.web.background import Background
from argo_proxy.web.front import Front


class Succession:
    """Whose turn it is: `service` is that of now."""

    def __init__(
        self, service: Service, front: Front, background: Background, make: Callable[[Settings], Service]
    ) -> None:
        self.service = service
        self._front = front
        self._background = background
        self._make = make
        self._one_by_one = asyncio.Lock()
        self._changes: set[asyncio.Future[None]] = set()

    def adopt(self, settings: Settings, adopted: Callable[[], None]) -> None:
        """Begin to serve with these settings; `adopted` is called when that is so."""
        change = asyncio.ensure_future(self._change(settings, adopted))
        self._changes.add(change)
        change.add_done_callback(self._changes.discard)

    async def stop(self) -> None:
        """End the service of now, and all that have not ended yet."""
        changes = tuple(self._changes)
        for change in changes:
            change.cancel()
        await asyncio.gather(*changes, return_exceptions=True)
        self.service.stop()

    async def _change(self, settings: Settings, adopted: Callable[[], None]) -> None:
        async with self._one_by_one:
            old, leaving = self.service, await self._take_over(settings)
        adopted()
        try:
            await leaving
            await self._background.rest()
        finally:
            old.stop()

    async def _take_over(self, settings: Settings) -> asyncio.Future[None]:
        """Returns as soon as the new service answers; what is returned ends with the last answer of the old one."""
        service = self._make(settings)
        await service.start()
        self.service = service
        return asyncio.ensure_future(self._front.replace(service.site))
