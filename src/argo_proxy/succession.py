"""New settings while it serves: a new service takes over, and the old one ends with its last answer.

A configuration that is wrong changes nothing. What belongs to the process and not to a service stays as it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from argo_proxy.service import Service
from argo_proxy.settings import Resolved, Settings, SettingsError
from argo_proxy.telemetry.request_log import LOGGER, set_up_logging
from argo_proxy.web.background import Background
from argo_proxy.web.front import Front

FIXED = ("host", "port", "socket", "drain_s", "state_url", "state_max_mb", "state_max_age_h")
"""Settings of the process: they take effect at a start alone."""

Reread: TypeAlias = Callable[[], Resolved]
"""Reads the configuration anew. Raises SettingsError."""


class Succession:
    """Whose turn it is."""

    def __init__(
        self,
        settings: Settings,
        service: Service,
        front: Front,
        background: Background,
        make: Callable[[Settings], Service],
        reread: Reread,
    ) -> None:
        self._settings = settings
        self._service = service
        self._front = front
        self._background = background
        self._make = make
        self._reread = reread
        self._one_by_one = asyncio.Lock()
        self._changes: set[asyncio.Future[None]] = set()
        self._log = logging.getLogger(LOGGER)

    def reload(self) -> None:
        """Begin to serve with what the configuration says now."""
        change = asyncio.ensure_future(self._reload())
        self._changes.add(change)
        change.add_done_callback(self._changes.discard)

    def begin_to_stop(self) -> None:
        """Nobody is ready any more."""
        self._service.begin_to_stop()

    async def stop(self) -> None:
        """End the service of now, and all that have not ended yet."""
        changes = tuple(self._changes)
        for change in changes:
            change.cancel()
        await asyncio.gather(*changes, return_exceptions=True)
        self._service.stop()

    async def _reload(self) -> None:
        async with self._one_by_one:
            settings = self._changed()
            if settings is None:
                return
            old, leaving = self._service, await self._take_over(settings)
        try:
            await leaving
            await self._background.rest()
        finally:
            old.stop()

    def _changed(self) -> Settings | None:
        """The new settings; None where there are none, or none that can be used, which is told."""
        try:
            settings, warnings = self._reread()
        except SettingsError as error:
            for problem in error.problems:
                self._log.error("%s", problem)
            self._log.error("the configuration is not changed: what is above comes first")
            return None
        for warning in (*warnings, *self._fixed(settings)):
            self._log.warning("%s", warning)
        kept = replace(settings, **{name: getattr(self._settings, name) for name in FIXED})
        if kept == self._settings:
            self._log.info("the configuration has not changed")
            return None
        return kept

    def _fixed(self, settings: Settings) -> list[str]:
        """What has changed and cannot, while it serves."""
        changed = [name for name in FIXED if getattr(settings, name) != getattr(self._settings, name)]
        return [f"{name}: stays as it is until the next start" for name in changed]

    async def _take_over(self, settings: Settings) -> asyncio.Future[None]:
        """Returns as soon as the new service answers; what is returned ends with the last answer of the old one."""
        set_up_logging(verbose=settings.verbose, log_format=settings.log_format)
        service = self._make(settings)
        await service.start()
        self._settings, self._service = settings, service
        self._log.info("the configuration has changed; answers under way keep the old one")
        return asyncio.ensure_future(self._front.replace(service.site))
