"""`argo-proxy [config]`: find the file, resolve the settings, warn, then serve, or only validate."""

import ipaddress
import os
from pathlib import Path

from argo_proxy.cli.parser import Options
from argo_proxy.cli.terminal import complain, tell
from argo_proxy.settings import Search, Settings, SettingsError, as_yaml, find_config, load_config, resolve

BAD_CONFIGURATION = 2


def serve(options: Options) -> int:
    """The exit code: 2 for a bad configuration, else that of the app. It never asks anything."""
    search = find_config(options.config, Path(), Path(os.path.expanduser("~")))
    warn(search.warnings)
    try:
        settings = read_settings(options, search)
    except SettingsError as error:
        warn(error.warnings)
        for problem in explained(error, search):
            complain(f"error: {problem}")
        return BAD_CONFIGURATION
    return act(options, search, settings)


def read_settings(options: Options, search: Search) -> Settings:
    file = load_config(search.path) if search.path else None
    settings, warnings = resolve(options.flags, os.environ, file)
    warn(warnings)
    return settings


def act(options: Options, search: Search, settings: Settings) -> int:
    if options.show:
        tell(f"# {origin(search)}\n{as_yaml(settings)}".rstrip())
    if is_open(settings):
        complain(open_warning(settings))
    if options.validate:
        tell(f"{'# ' if options.show else ''}{origin(search)} is valid")
        return 0
    from argo_proxy.app import run

    return run(settings)


def warn(warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        complain(f"warning: {warning}")


def explained(error: SettingsError, search: Search) -> tuple[str, ...]:
    """Without any file, what is missing is told with the places where it could have been."""
    if search.path or not error.missing:
        return error.problems
    places = ", ".join(str(place) for place in search.places)
    return (f"no configuration found; looked for {places}", *error.problems)


def origin(search: Search) -> str:
    return str(search.path or "configuration without a file")


def is_open(settings: Settings) -> bool:
    """Whether others than the users of this machine can send requests without a key."""
    return not (settings.socket or settings.api_keys or is_loopback(settings.host))


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def open_warning(settings: Settings) -> str:
    return (
        f"WARNING: everyone who can reach {settings.host} can use ARGO as {settings.user!r};"
        " cure: --host 127.0.0.1, or api_keys in the configuration file"
    )
