"""Finding and reading config.yaml. Any file gives values with their lines, or a SettingsError."""

import os
import re
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, cast

from argo_proxy.settings.problems import SettingsError
from argo_proxy.settings.values import VALUES_MAX, TooManyValues, plain

if TYPE_CHECKING:
    from ruamel.yaml.error import YAMLError

MAX_BYTES = 1 << 18  # ruamel.yaml takes some four seconds for them
MAX_BRACKETS = 1000  # of two thousand in each other ruamel.yaml says after five seconds that they are too many
SHOWN_MAX = 100
TWICE = "given twice; keep one"
SAME = "the same to YAML as a key above it; put both in quotes, or remove one"
TOO_DEEP = "values nested too deeply, expected `key: value` lines"
# What ruamel.yaml raises, beside YAMLError, on a value that contradicts its tag or its form (`2020-99-99`).
CONSTRUCTION_ERRORS = (
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    IndexError,
    AssertionError,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as YAML has it, and the line of its key; 0 where it is not known."""

    value: object
    line: int = 0


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What a configuration file says. `exposed`: other users of the machine can read it."""

    path: str
    entries: Mapping[str, Entry]
    exposed: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """Which file was found, if any, where it was looked for, and what to tell the user about it."""

    path: Path | None
    places: tuple[Path, ...]
    warnings: tuple[str, ...] = ()


def find_config(path: str | None, cwd: Path, home: Path) -> Search:
    """The file at `path`; without one, or when there is none, the first of the usual places."""
    if path and os.path.exists(path):
        return Search(Path(path), (Path(path),))
    places = (
        cwd / "config.yaml",
        home / ".config" / "argoproxy" / "config.yaml",
        home / ".argoproxy" / "config.yaml",
    )
    found = next((place for place in places if os.path.exists(place)), None)
    missing = () if path is None else (f"{path}: no such file; using {found or 'no file'} instead",)
    return Search(found, places, missing)


def load_config(path: Path) -> ConfigFile:
    if os.path.isdir(path):
        raise SettingsError([f"{path}: found a directory, expected a YAML file"])
    if is_named_pipe(path):
        raise SettingsError([f"{path}: found a named pipe, which can be read but once; expected a YAML file"])
    try:
        with path.open("rb") as stream:
            content, exposed = stream.read(MAX_BYTES + 1), is_exposed(stream)
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read: {error.strerror or error}"]) from error
    if len(content) > MAX_BYTES:
        raise SettingsError([f"{path}: found more than {MAX_BYTES} bytes, expected a configuration file"])
    return ConfigFile(str(path), entries_of(str(path), decoded(str(path), content)), exposed)


def is_named_pipe(path: Path) -> bool:
    """One may wait for ever to open it. Those of a shell, `<(..)` and /dev/stdin, have a writer."""
    return path.is_fifo() and not os.path.realpath(path).startswith(("/dev/", "/proc/"))


def is_exposed(stream: BufferedReader) -> bool:
    """Windows has no such mode bits."""
    return os.name == "posix" and os.fstat(stream.fileno()).st_mode & 0o044 != 0


def decoded(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError([f"{path}:{line}: found a byte that is not UTF-8; save the file as UTF-8"]) from error


def entries_of(path: str, content: str) -> dict[str, Entry]:
    document = parsed(path, content)
    if document is None:
        return {}
    if not isinstance(document, Mapping):
        raise SettingsError([f"{path}: found no keys, expected lines such as `user: <your ANL user name>`"])
    lines = key_lines(cast("object", document))
    values = plain_values(path, cast("object", document))
    if twice := [name for name, count in Counter(map(str, values)).items() if count > 1]:
        raise SettingsError([f"{path}: {printable(name)}: {TWICE}" for name in twice])
    return {printable(name): Entry(value, lines.get(name, 0)) for name, value in values.items()}


def is_number(key: str) -> bool:
    """Whether a key may be one, as 1, 1.0 and true are the same one."""
    return key in ("True", "False") or key[:1] in "-.0123456789"


def plain_values(path: str, document: object) -> Mapping[object, object]:
    try:
        return cast("Mapping[object, object]", plain(document))
    except TooManyValues as error:
        raise SettingsError([f"{path}: found more than {VALUES_MAX} values, expected a configuration file"]) from error
    except RecursionError as error:
        raise SettingsError([f"{path}: found {TOO_DEEP}"]) from error


def parsed(path: str, content: str) -> object:
    if content.count("[") + content.count("{") > MAX_BRACKETS:
        raise SettingsError([f"{path}: found more than {MAX_BRACKETS} brackets, expected `key: value` lines"])
    from ruamel.yaml import YAML  # it takes longer to load than all of `--help`
    from ruamel.yaml.error import YAMLError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor used twice, which is legal
            return cast("object", YAML().load(content))  # pyright: ignore[reportUnknownMemberType]
    except YAMLError as error:
        raise SettingsError([f"{path}{described_error(error)}"]) from error
    except RecursionError as error:
        raise SettingsError([f"{path}: found {TOO_DEEP}"]) from error
    except CONSTRUCTION_ERRORS as error:
        raise SettingsError([f"{path}: found a value that is not valid YAML; put it in quotes"]) from error


def described_error(error: "YAMLError") -> str:
    """`:line: what is wrong`, without the text of the file, which may hold keys."""
    mark: object = getattr(error, "problem_mark", None)
    line: object = getattr(mark, "line", None)
    where = f":{line + 1}" if isinstance(line, int) else ""
    problem = str(getattr(error, "problem", None) or "found a control character")
    twice = re.match(r'found duplicate key "(.*?)" with value', problem, re.DOTALL)
    if twice:
        return f"{where}: {printable(twice[1])}: {SAME if is_number(twice[1]) else TWICE}"
    if r"'\t'" in problem:
        return f"{where}: found a tab, expected spaces"
    return f"{where}: not valid YAML: {printable(problem)}"


def key_lines(document: object) -> dict[object, int]:
    """Lines, from 1, of the keys of a ruamel.yaml mapping. A merged key (`<<`) has none."""
    positions: object = getattr(getattr(document, "lc", None), "data", None)
    if not isinstance(positions, dict):
        return {}
    known = cast("dict[object, list[int]]", positions)
    return {name: position[0] + 1 for name, position in known.items()}


def printable(value: object) -> str:
    """Fit to be printed in a message, whatever it is."""
    text = str(value)
    return text if text.isprintable() and len(text) <= SHOWN_MAX else ascii(text)[:SHOWN_MAX]
