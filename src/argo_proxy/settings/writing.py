"""A config.yaml with answers in it: the sample, or the file that was there; stored whole or not at all."""

import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from importlib import resources
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from argo_proxy.settings.file import CONSTRUCTION_ERRORS, entries_of
from argo_proxy.settings.problems import SettingsError
from argo_proxy.settings.rendering import UNWRAPPED, as_text

if TYPE_CHECKING:
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

Layout: TypeAlias = tuple[object, int, int]
BEGINNING = re.compile(r"(?:[ \t]*(?:#.*)?\n)*---[ \t]*(?:#.*)?\n")
"""The mark of a document's beginning and comments before it, which ruamel.yaml would leave out."""

BY_HAND = "cannot be changed without harm to the rest of it; write this line into it yourself: "


class Unwritable(Exception):
    """The file cannot be written; the text says which, and why."""


def sample() -> str:
    """`config.sample.yaml`, which documents every key."""
    return (resources.files("argo_proxy.settings") / "config.sample.yaml").read_text(encoding="utf-8")


def filled_in(values: Mapping[str, object]) -> str:
    """The sample with these values: each stands in the line that tells of its key, and every comment stays."""
    text = sample()
    for name, value in values.items():
        line = as_line(name, value)
        text = re.sub(rf"^(?:# )?{name}:.*\n", lambda _, line=line: line, text, count=1, flags=re.MULTILINE)
    return text


def with_value(text: str, name: str, value: object) -> str:
    """A configuration, which may be of any making, with this value: comments, order and layout stay as they are.
    Raises Unwritable where that cannot be done without harm to the rest.
    """
    from ruamel.yaml.error import YAMLError  # it takes longer to load than all of `--help`

    line = as_line(name, value)
    try:
        before = values_of(text)
        after = with_pair(text, name, value) if before else comments(text) + line
        if values_of(after) == {**before, name: value}:
            return after
    except (YAMLError, SettingsError, *CONSTRUCTION_ERRORS) as error:
        raise Unwritable(BY_HAND + line.rstrip()) from error
    raise Unwritable(BY_HAND + line.rstrip())


def values_of(text: str) -> dict[str, object]:
    """Raises SettingsError."""
    return {name: entry.value for name, entry in entries_of("", text).items()}


def comments(text: str) -> str:
    """What is to be kept of a file without keys: not `---`, `...` or `null`, which may not stand before one."""
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if not line or line.startswith("#")).lstrip()


def with_pair(text: str, name: str, value: object) -> str:
    beginning = BEGINNING.match(text)
    at = beginning.end() if beginning else 0
    return text[:at] + changed(text[at:], name, value)


def changed(text: str, name: str, value: object) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an anchor used twice, which is legal
        yaml, document = laid_out(text)
    if name in document:
        document[name] = value
    else:
        document.insert(0, name, value)  # pyright: ignore[reportUnknownMemberType]
    stream = StringIO()
    yaml.dump(document, stream)  # pyright: ignore[reportUnknownMemberType]
    return stream.getvalue()


def laid_out(text: str) -> "tuple[YAML, CommentedMap]":
    """The document, and a writer that keeps to its layout."""
    from ruamel.yaml import YAML
    from ruamel.yaml.util import load_yaml_guess_indent  # pyright: ignore[reportUnknownVariableType]

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = UNWRAPPED
    _, yaml.sequence_indent, yaml.sequence_dash_offset = cast("Layout", load_yaml_guess_indent(text, yaml=yaml))
    return yaml, cast("CommentedMap", yaml.load(text))  # pyright: ignore[reportUnknownMemberType]


def as_line(name: str, value: object) -> str:
    """`name: value`, with quotes where YAML would take the text for something else."""
    return as_text({name: value})


def store(path: Path, text: str) -> None:
    """Write the file for its owner alone, in a folder that is made so if there is none; one that is there keeps its
    mode. Raises Unwritable.
    """
    if path.exists() and not path.is_file():  # a device or a pipe would be replaced by a file
        raise Unwritable(f"{path}: cannot be written: it is no file")
    try:
        _store(path.resolve(), text)  # a link stays one
    except OSError as error:
        raise Unwritable(f"{path}: cannot be written: {error.strerror or error}") from error


def _store(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with open(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            shutil.copymode(path, beside)
        os.replace(beside, path)
    finally:
        Path(beside).unlink(missing_ok=True)
