"""What the configuration says now, for a program that serves already. One that is wrong changes nothing.

What belongs to the program and not to a service stays as it is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from argo_proxy.settings import Resolved, Settings, SettingsError
from argo_proxy.telemetry.request_log import LOGGER, set_up_logging

FIXED = ("host", "port", "socket", "workers", "drain_s", "state_url", "state_max_mb", "state_max_age_h")
"""Settings of the program: they take effect at a start alone."""

Reread: TypeAlias = Callable[[], Resolved]
"""Reads the configuration anew. Raises SettingsError."""


class Rereading:
    """`settings` are those of now."""

    def __init__(self, settings: Settings, reread: Reread) -> None:
        self.settings = settings
        self._reread = reread
        self._trusted = _contents(settings.ca_file)
        self._log = logging.getLogger(LOGGER)

    def changed(self) -> Settings | None:
        """The new settings; None where there are none, or none that can be used. All of it is told."""
        try:
            settings, warnings = self._reread()
        except SettingsError as error:
            for problem in error.problems:
                self._log.error("%s", problem)
            self._log.error("the configuration is not changed: what is above comes first")
            return None
        for warning in (*warnings, *self._fixed(settings)):
            self._log.warning("%s", warning)
        kept = replace(settings, **{name: getattr(self.settings, name) for name in FIXED})
        trusted = _contents(kept.ca_file)
        if (kept, trusted) == (self.settings, self._trusted):
            self._log.info("the configuration has not changed")
            return None
        self.settings, self._trusted = kept, trusted
        set_up_logging(verbose=kept.verbose, log_format=kept.log_format)
        return kept

    def tell_adopted(self, summary: Iterable[str]) -> None:
        """What changed has taken effect; `summary` is what is served now."""
        for line in (*summary, "the configuration has changed; answers under way keep the old one"):
            self._log.info("%s", line)

    def _fixed(self, settings: Settings) -> list[str]:
        """What has changed and cannot, while it serves."""
        changed = [name for name in FIXED if getattr(settings, name) != getattr(self.settings, name)]
        return [f"{name}: stays as it is until the next start" for name in changed]


def _contents(file: str | None) -> bytes:
    """What stands in it, for certificates may be replaced under the same name; whether it can be used, others check."""
    try:
        return b"" if file is None else Path(file).expanduser().read_bytes()
    except OSError:
        return b""
