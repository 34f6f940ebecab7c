"""Where values are given: file, environment, command line. A source yields what it has and judges nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from argo_proxy.settings import older
from argo_proxy.settings.file import ConfigFile
from argo_proxy.settings.table import REQUIRED, environ_names, keys

PORT_KEYS = frozenset({"host", "port"})


@dataclass(frozen=True, slots=True)
class Given:
    """A raw value for the key `name`; `where` opens the sentence that complains about it."""

    where: str
    name: str
    raw: object


def in_file(file: ConfigFile | None) -> Iterator[Given]:
    """An empty value (`port:`, and `user: ""`) counts as not given; an older name of a key counts where the key itself
    is not given.
    """
    if file is None:
        return
    given = {name: entry.value for name, entry in file.entries.items() if not is_empty(name, entry.value)}
    for name, value in given.items():
        now = older.current(name)
        if now in keys() and (now == name or now not in given):
            yield Given(f"{place(file, name)}: {name}", now, value)


def is_empty(name: str, value: object) -> bool:
    return value is None or (value == "" and name in REQUIRED)


def in_environ(environ: Mapping[str, str]) -> Iterator[Given]:
    """An empty variable counts as not given."""
    for name, key in keys().items():
        for variable in environ_names(name, key.more_environ):
            if environ.get(variable):
                yield Given(f"environment: {variable}", name, environ[variable])
                break


def in_flags(flags: Mapping[str, str | bool]) -> Iterator[Given]:
    for name, raw in flags.items():
        yield Given(f"command line: {keys()[name].flags[0]}", name, raw)


def place(file: ConfigFile, name: str) -> str:
    """`config.yaml:7`."""
    line = file.entries[name].line
    return f"{file.path}:{line}" if line else file.path
