"""What a user should hear though nothing is wrong: keys without effect, typing errors, exposed secrets."""

import difflib
import shlex
from collections.abc import Iterator, Mapping, Sequence

from argo_proxy.settings import older
from argo_proxy.settings.file import ConfigFile
from argo_proxy.settings.sources import PORT_KEYS, Given, place
from argo_proxy.settings.table import keys

UNKNOWN = "unknown key, ignored"
TOLD_MAX = 20
NAME_MAX = 40
"""No typing error makes a longer name of one of ours; difflib would take its time to find that out."""


def on_file(file: ConfigFile | None) -> Iterator[str]:
    if file is None:
        return
    unused = [name for name in file.entries if older.current(name) not in keys()]
    obsolete = [f"{name} (line {file.entries[name].line})" for name in unused if older.is_obsolete(name)]
    if obsolete:
        more = f" and {len(obsolete) - TOLD_MAX} more" if len(obsolete) > TOLD_MAX else ""
        yield (f"{file.path}: obsolete keys of the older argo-proxy, ignored: {', '.join(obsolete[:TOLD_MAX])}{more}")
    unknown = [name for name in unused if not older.is_obsolete(name)]
    for name in unknown[:TOLD_MAX]:
        yield f"{place(file, name)}: {name}: {on_key(name)}"
    if len(unknown) > TOLD_MAX:
        yield f"{file.path}: and {len(unknown) - TOLD_MAX} more unknown keys, ignored"
    if file.exposed and any(key.secret and given(file, name) for name, key in keys().items()):
        yield f"{file.path}: other users can read the keys in it; cure: chmod 600 {shlex.quote(file.path)}"


def is_foreign(file: ConfigFile) -> bool:
    """Whether it has keys, and none of them is of this program, not even mistyped or of its older versions."""
    return bool(file.entries) and not any(map(is_ours, file.entries))


def is_ours(name: str) -> bool:
    return older.current(name) in keys() or older.is_obsolete(name) or on_key(name) != UNKNOWN


def on_environ(environ: Mapping[str, str]) -> Iterator[str]:
    """Of foreign ARGO_PROXY_* names, which Kubernetes makes, only those that resemble ours are told."""
    for variable in sorted(environ):
        name = variable.removeprefix("ARGO_PROXY_").lower()
        close = closest(name) if variable.startswith("ARGO_PROXY_") and name not in keys() else None
        if close:
            yield f"environment: {variable}: unknown, ignored; did you mean ARGO_PROXY_{close.upper()}?"


def on_sockets(layers: Sequence[Sequence[Given]]) -> Iterator[str]:
    """`layers`: the weaker first; the last is the command line."""
    *weaker, flags = layers
    instead = [given for given in flags if given.name in PORT_KEYS]
    sockets = [given for layer in weaker for given in layer if given.name == "socket" and given.raw]
    if instead and sockets:
        yield f"{sockets[-1].where}: ignored: {instead[-1].where} beats it"


def on_key(name: str) -> str:
    if (now := older.successor(name)) is not None:
        return f"obsolete key of the older argo-proxy, ignored; see `{now}`"
    close = closest(name.lower().replace("-", "_"))
    return f"{UNKNOWN}; did you mean '{close}'?" if close else UNKNOWN


def closest(name: str) -> str | None:
    if len(name) > NAME_MAX:
        return None
    return next(iter(difflib.get_close_matches(name, keys(), n=1, cutoff=0.7)), None)


def given(file: ConfigFile, name: str) -> bool:
    return name in file.entries and bool(file.entries[name].value)
