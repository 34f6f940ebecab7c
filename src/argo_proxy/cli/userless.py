"""The settings that a command other than serving works with: those of serving, with or without a user."""

import os
from collections.abc import Mapping
from pathlib import Path

from argo_proxy.cli.configuration import home, tell_problems, warn
from argo_proxy.settings import Resolved, Search, Settings, SettingsError, find_config, load_config, resolve

NOBODY = "nobody"
"""Stands in for the user where nothing is sent in a user's name."""


def search_config(config: str | None) -> Search:
    return find_config(config, Path(), home())


def settings_for_command(config: str | None, flags: Mapping[str, str | bool]) -> Settings | None:
    """None when they will not do, and the reader has been told why."""
    search = search_config(config)
    warn(search.warnings)
    try:
        settings, warnings = resolve_userless(search, flags)
    except SettingsError as error:
        tell_problems(error, search)
        return None
    warn(warnings)
    return settings


def resolve_userless(search: Search, flags: Mapping[str, str | bool]) -> Resolved:
    """NOBODY stands in for a missing user. Raises SettingsError for all else."""
    file = load_config(search.path) if search.path else None
    try:
        return resolve(flags, os.environ, file)
    except SettingsError as error:
        if len(error.problems) > len(error.missing):
            raise
    return resolve({**flags, "user": NOBODY}, os.environ, file)
