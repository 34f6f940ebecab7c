"""Settings out of what was given: command line beats environment beats file beats default.

Everything given is checked, the overridden too, so that every problem is told at once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from argo_proxy.settings import advice, sources
from argo_proxy.settings.addresses import MEMORY
from argo_proxy.settings.file import ConfigFile
from argo_proxy.settings.problems import CheckError, SettingsError
from argo_proxy.settings.sources import Given
from argo_proxy.settings.table import REQUIRED, URL_PATHS, Settings, keys

SHOWN_MAX = 60
INT_BITS = 64  # longer ones may be too long for Python to print
CONFLICT = (
    "api_keys and username_passthrough exclude each other: with the second, the key that a client shows is its"
    " ARGO user name; keep one of them"
)
UNSHARED = (
    "workers: more than one cannot share responses that are stored in memory; store them in a file with `state_url`,"
    " for example sqlite:///~/.local/state/argoproxy/state.db, or leave `workers` at 1"
)


class Resolved(NamedTuple):
    settings: Settings
    warnings: tuple[str, ...]


def resolve(flags: Mapping[str, str | bool], environ: Mapping[str, str], file: ConfigFile | None) -> Resolved:
    """`flags` holds only the flags given, by key. Raises SettingsError with every problem there is."""
    layers = [[*sources.in_file(file)], [*sources.in_environ(environ)], [*sources.in_flags(flags)]]
    judged = [judge(layer) for layer in layers]
    problems = [problem for _, complaints in judged for problem in complaints]
    names = {given.name for layer in layers for given in layer}
    missing = [name for name in REQUIRED if name not in names]
    warnings = (*advice.on_file(file), *advice.on_environ(environ), *advice.on_sockets(layers))
    if problems or missing:
        raise SettingsError([*problems, *(REQUIRED[name] for name in missing)], warnings, missing)
    settings = settings_of([values for values, _ in judged])
    if conflicts := [*conflicts_in(settings)]:
        raise SettingsError(conflicts, warnings)
    return Resolved(settings, warnings)


def conflicts_in(settings: Settings) -> Iterator[str]:
    """Complaints about values of which each is right, but not beside the other."""
    if settings.api_keys and settings.username_passthrough:
        yield CONFLICT
    if settings.workers > 1 and settings.state_url == MEMORY:
        yield UNSHARED


def judge(layer: Iterable[Given]) -> tuple[dict[str, object], list[str]]:
    """The typed values of one source, by key, and a complaint about each that will not do."""
    values: dict[str, object] = {}
    complaints: list[str] = []
    for given in layer:
        key = keys()[given.name]
        try:
            values[given.name] = key.check(given.raw)
        except CheckError as wrong:
            found = wrong.found or shown(given.raw, key.secret)
            complaints.append(f"{given.where}: found {found}, expected {wrong.expected}")
    return values, complaints


def settings_of(layers: Sequence[Mapping[str, object]]) -> Settings:
    """Later layers beat earlier ones; the last is the command line."""
    values: dict[str, object] = {}
    for layer in (*layers[:-1], with_place(layers[-1])):
        values |= with_urls(layer)
    build = cast("Callable[..., Settings]", Settings)
    return build(**values)


def with_place(values: Mapping[str, object]) -> Mapping[str, object]:
    """A host or a port is instead of a socket. A variable is not: PORT may be there for another program."""
    return {"socket": None, **values} if values.keys() & sources.PORT_KEYS else values


def with_urls(values: Mapping[str, object]) -> dict[str, object]:
    """`argo_base_url` spread over the four URLs; one that the same source gives itself beats it.

    The older argo-proxy 2.7 had it with the `/api/v1` that all of them begin with.
    """
    base = str(values.get("argo_base_url", "")).rstrip("/").removesuffix("/api/v1")
    urls = {name: base + path for name, path in URL_PATHS.items()} if base else {}
    return {**urls, **{name: value for name, value in values.items() if name != "argo_base_url"}}


def shown(raw: object, secret: bool) -> str:
    match raw:
        case Mapping():
            return "a mapping"
        case list():
            return "a list"
        case bool():
            return str(raw).lower()
        case _ if secret:
            return "a value that is not shown"
        case str() | int() | float():
            return quoted(raw)
        case _:
            return f"a value of another kind ({type(raw).__name__})"


def quoted(raw: str | float) -> str:
    """On one line, without control characters, not too long; text in quotes."""
    if isinstance(raw, int) and raw.bit_length() > INT_BITS:
        return "a very large number"
    text = repr(raw) if isinstance(raw, str) else str(raw)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}..."
