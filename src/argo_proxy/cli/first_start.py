"""The first start, when no file says who the user is, and somebody is there to answer: ask, write, check, show."""

import os
import shlex
from pathlib import Path
from textwrap import indent
from typing import TextIO

from argo_proxy.cli import configuration
from argo_proxy.cli.parser import Options
from argo_proxy.cli.ports import check_host
from argo_proxy.cli.terminal import write
from argo_proxy.cli.wizard import ask_all, ask_user, goes_on, wants_file
from argo_proxy.settings import Settings, SettingsError, resolve
from argo_proxy.settings.rendering import as_text
from argo_proxy.settings.writing import Unwritable, filled_in, store, with_value

SHOWN = (
    "user", "host", "port", "verbose", "argo_url", "argo_stream_url", "argo_embedding_url", "argo_model_url",
)  # fmt: skip
_ANYBODY = "anybody"


def is_due(error: SettingsError) -> bool:
    """Whether nothing is wrong but that nobody has said yet who the user is."""
    return len(error.problems) == len(error.missing)


def make_file(terminal: TextIO, options: Options) -> Path | None:
    """Ask, and write the file; None when it is not wanted. Raises SettingsError, ListenError, Unwritable,
    EndOfInput."""
    given = given_already(options)
    check_host(given.host)
    path = configuration.home() / ".config" / "argoproxy" / "config.yaml"
    if not wants_file(terminal, str(path)):
        return None
    answers = ask_all(terminal, given)
    try:
        store(path, filled_in(answers._asdict()))
    except Unwritable as error:
        without = shlex.join(["argo-proxy", "--user", answers.user, "--port", str(answers.port)])
        raise Unwritable(f"{error}; it needs no file: {without}") from error
    write(terminal, f"\nWritten to {path}; `argo-proxy --edit` changes it.\n")
    return path


def complete_file(terminal: TextIO, path: Path) -> Path:
    """Ask who the user is, as a file does not say, and write that into it. Raises Unwritable, EndOfInput."""
    write(terminal, f"{path} does not say who you are; your answer is written there (Ctrl-C leaves).")
    store(path, completed(path, ask_user(terminal)))
    write(terminal, f"\nWritten to {path}; `argo-proxy --edit` changes it.\n")
    return path


def completed(path: Path, user: str) -> str:
    """What the file says, and who the user is. Raises Unwritable."""
    try:
        return with_value(path.read_text(encoding="utf-8-sig"), "user", user)
    except (OSError, UnicodeDecodeError, Unwritable) as error:
        raise Unwritable(f"{path}: {error}") from error


def given_already(options: Options) -> Settings:
    """What command line and environment say of the rest."""
    return resolve({**options.flags, "user": _ANYBODY}, os.environ, None).settings


def is_fit(terminal: TextIO, settings: Settings) -> bool:
    """Check that ARGO can be reached; where it cannot, whether to go on is asked."""
    from argo_proxy.cli.reach import is_reached

    return settings.skip_url_validation or is_reached(settings, terminal) or goes_on(terminal)


def show(terminal: TextIO, settings: Settings) -> None:
    """What somebody may want to see of it at the start; `--show` has everything."""
    shown = as_text({name: getattr(settings, name) for name in SHOWN})
    write(terminal, "The configuration (all of it: --show):\n" + indent(shown, "  "))
