"""What is checked on this machine: a function for each check, which says what it found and what cures it."""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from msgspec import Struct

from argo_proxy.canonical.errors import StateError
from argo_proxy.cli.neighbour import Nobody, Ours, Stranger, neighbour_at
from argo_proxy.cli.userless import NOBODY
from argo_proxy.listener import ListenError, address_at, listen
from argo_proxy.occupant import occupant
from argo_proxy.settings import Search, Settings, SettingsError
from argo_proxy.settings.addresses import MEMORY
from argo_proxy.state import Limits, open_store

SQLITE = "sqlite:///"
STORE_CURE = "choose another file as `state_url`"
USER_CURE = "`user: <your ANL user name>` in the file, or --user, or ARGO_PROXY_USER"


class Check(Struct, frozen=True):
    """One line of the report. A `note` is worth knowing and no failure; `skipped` could not be checked."""

    name: str
    state: Literal["ok", "note", "failed", "skipped"]
    found: str
    cure: str | None = None


def python() -> Check:
    """The installation has made sure that it is new enough."""
    return Check("Python", "ok", f"{sys.version.split()[0]}, {sys.executable}")


def configuration(search: Search, settings: Settings | None, warnings: tuple[str, ...]) -> Iterator[Check]:
    """The file that was found, or that none is needed; `settings` is None when it will not do."""
    for warning in (*search.warnings, *warnings):
        found, _, cure = warning.partition("; cure: ")
        yield Check("configuration", "note", found, cure or None)
    if search.path is None:
        places = ", ".join(map(str, search.places))
        cure = "argo-proxy makes one at its first start; flags and the environment do as well"
        yield Check("configuration", "note", f"no file at {places}", cure)
    elif settings is not None:
        yield Check("configuration", "ok", f"{search.path} is valid")


def problems(error: SettingsError) -> Iterator[Check]:
    """What keeps a configuration from being one; what is merely missing is told elsewhere."""
    for problem in error.problems[: len(error.problems) - len(error.missing)]:
        found, _, expected = problem.partition(", expected ")
        yield Check("configuration", "failed", found, f"give {expected}" if expected else "correct the file")


def permissions(path: Path) -> Check:
    """Who else can change the file, and who can read it."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o022:
        found = f"others can change {path}, and with it where your requests go"
        return Check("permissions", "failed", found, f"chmod 600 {shlex.quote(str(path))}")
    readers = "others can read the file, but not change it" if mode & 0o044 else "only you can read the file"
    return Check("permissions", "ok", readers)


def user(settings: Settings) -> Check:
    if settings.user == NOBODY:
        return Check("user", "failed", "missing", USER_CURE)
    return Check("user", "ok", settings.user)


def port(settings: Settings) -> Check:
    """Whether it can be listened on, and who does so already."""
    if settings.socket:
        return Check("port", "ok", f"none: the Unix socket {settings.socket}")
    if settings.port == 0:
        return Check("port", "ok", "any free one at each start; `port` in the file keeps it the same")
    address = address_at(settings.host, settings.port)
    match neighbour_at(address):
        case Ours(version):
            return Check("port", "ok", f"argo-proxy {version} serves at {address} already")
        case Stranger():
            found = f"another program has {address}: {occupant(settings.port)}"
            return Check("port", "failed", found, "choose another with --port, or as `port` in the file")
        case Nobody():
            return free_port(settings)


def free_port(settings: Settings) -> Check:
    """One on which nobody has answered."""
    try:
        listen(settings.host, settings.port, None).close()
    except ListenError as error:
        found, _, cure = str(error).rpartition(": ")
        return Check("port", "failed", found, cure)
    return Check("port", "ok", f"{settings.port} is free")


def store(settings: Settings) -> Check:
    """Whether what is stored can be opened; a file that is not there is not made."""
    if settings.state_url == MEMORY:
        return Check("state store", "ok", "in memory; `state_url` keeps responses beyond a restart")
    path = Path(os.path.abspath(os.path.expanduser(settings.state_url.removeprefix(SQLITE))))
    limits = Limits(settings.state_max_mb * 2**20, settings.state_max_age_h * 3600)
    if not os.path.lexists(path):
        return room_for(path, limits)
    try:
        open_store(settings.state_url, limits).close()
    except StateError as error:
        found, _, cure = error.message.partition("; ")
        return Check("state store", "failed", found, cure or STORE_CURE)
    return Check("state store", "ok", f"{path} can be opened")


def room_for(path: Path, limits: Limits) -> Check:
    """Tried out in a folder that is removed again, as no permissions tell of /proc or of a disk that is read-only."""
    folder = next(parent for parent in path.parents if os.path.exists(parent))
    try:
        with TemporaryDirectory(prefix=".argo-proxy-", dir=folder) as trial:
            open_store(f"{SQLITE}{Path(trial, path.name)}", limits).close()
    except (OSError, StateError):
        return Check("state store", "failed", f"{path} cannot be made in {folder}", STORE_CURE)
    return Check("state store", "ok", f"{path} will be made at the start")
