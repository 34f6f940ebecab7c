"""The configuration as the command line sees it: which file, what it comes to, and what is told of it."""

import difflib
import os
import shlex
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from argo_proxy.cli.commands import COMMANDS
from argo_proxy.cli.parser import Options
from argo_proxy.cli.terminal import complain
from argo_proxy.settings import Resolved, Search, Settings, SettingsError, find_config, load_config, resolve
from argo_proxy.settings.advice import is_foreign


def home() -> Path:
    return Path(os.path.expanduser("~"))


def find(options: Options) -> Search:
    """The file; where a word is none, it may be meant for a command."""
    search = find_config(options.config, Path(), home())
    close = difflib.get_close_matches(options.config or "", COMMANDS, n=1, cutoff=0.7) if search.warnings else []
    return replace(search, warnings=(*search.warnings, *(f"did you mean: argo-proxy {name}" for name in close)))


def read(options: Options, search: Search) -> Settings:
    """Tells the warnings. Raises SettingsError."""
    settings, warnings = resolved(options, search)
    warn(warnings)
    return settings


def resolved(options: Options, search: Search) -> Resolved:
    """What command line, environment and file come to at this moment. Raises SettingsError."""
    return resolve(options.flags, os.environ, load_config(search.path) if search.path else None)


def check_ownership(search: Search, error: SettingsError) -> None:
    """A file of another program is neither completed nor passed over in silence. Raises SettingsError."""
    if search.path is None or not is_foreign(load_config(search.path)):
        return
    found = f"{search.path}: has no key of argo-proxy, and is left as it is"
    later = search.places[search.places.index(search.path) + 1 :]
    others = [f"; to use {place}: argo-proxy {shlex.quote(str(place))}" for place in later if place.exists()]
    raise SettingsError(["".join([found, *others[:1]]), *error.problems], error.warnings)


def warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        complain(f"warning: {warning}")


def tell_problems(error: SettingsError, search: Search) -> None:
    warn(error.warnings)
    for problem in explained(error, search):
        complain(f"error: {problem}")


def explained(error: SettingsError, search: Search) -> tuple[str, ...]:
    """Without any file, what is missing is told with the places where it could have been."""
    if search.path or not error.missing:
        return error.problems
    places = ", ".join(str(place) for place in search.places)
    return (f"no configuration found; looked for {places}", *error.problems)


def origin(search: Search) -> str:
    return str(search.path or "configuration without a file")
