"""A new config.yaml: the sample with the answers filled in, stored whole or not at all."""

import os
import re
import tempfile
from collections.abc import Mapping
from importlib import resources
from io import StringIO
from pathlib import Path


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


def as_line(name: str, value: object) -> str:
    """`name: value`, with quotes where YAML would take the text for something else."""
    from ruamel.yaml import YAML  # it takes longer to load than all of `--help`

    stream = StringIO()
    YAML().dump({name: value}, stream)  # pyright: ignore[reportUnknownMemberType]
    return stream.getvalue()


def store(path: Path, text: str) -> None:
    """Write the file for its owner alone, in a folder that is made so if there is none. Raises Unwritable."""
    try:
        _store(path, text)
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
        os.replace(beside, path)
    finally:
        Path(beside).unlink(missing_ok=True)
