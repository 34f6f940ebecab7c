"""`argo-proxy --edit`: the configuration in the editor of your choice, checked when you come back."""

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from argo_proxy.cli import configuration, first_start
from argo_proxy.cli.parser import Options
from argo_proxy.cli.terminal import complain, tell
from argo_proxy.cli.wizard import screen
from argo_proxy.settings import Search, SettingsError

FAILURE, BAD_CONFIGURATION = 1, 2
USUAL = ("notepad",) if os.name == "nt" else ("nano", "vi", "vim")
NO_FILE = "error: there is no configuration to edit, and no terminal to ask on; looked for "


def edit(options: Options, search: Search) -> int:
    """The exit code: 2 when there is nothing to edit or something wrong in it, 1 when the editor fails."""
    path = search.path or made(options)
    if path is None:
        complain(NO_FILE + ", ".join(str(place) for place in search.places))
        return BAD_CONFIGURATION
    command = editor(os.environ)
    if command is None:
        complain(f"error: no editor found; name one in EDITOR, or change {path} in another way")
        return FAILURE
    if failed := run([*command, as_word(path)]):
        complain(f"error: the editor {command[0]} {failed}; {path} may be as it was")
        return FAILURE
    return checked(options, Search(path, search.places))


def as_word(path: Path) -> str:
    """No editor takes it for a flag."""
    return os.path.join(os.curdir, path) if str(path).startswith("-") else str(path)


def run(command: list[str]) -> str | None:
    """What went wrong, if anything. Ctrl-C is the editor's: what it does not stop must not lose its terminal."""
    before = signal.signal(signal.SIGINT, lambda _, __: None)
    try:
        code = subprocess.call(command)
        return f"has failed ({code})" if code else None
    except OSError as error:  # no program of this system, or its interpreter is not there
        return f"cannot be started ({error.strerror})"
    finally:
        signal.signal(signal.SIGINT, before)


def checked(options: Options, search: Search) -> int:
    """Tell what is wrong now, or that nothing is."""
    try:
        configuration.read(options, search)
    except SettingsError as error:
        configuration.tell_problems(error, search)
        return BAD_CONFIGURATION
    tell(f"{search.path} is valid")
    return 0


def made(options: Options) -> Path | None:
    terminal = screen()
    return first_start.make_file(terminal, options) if terminal else None


def editor(environ: Mapping[str, str]) -> list[str] | None:
    """The words of the command, its program as a path. The usual editors are for people, so they need a terminal."""
    wanted = [words for name in ("VISUAL", "EDITOR") for words in words_of(name, environ)]
    usual = [[name] for name in USUAL] if screen() else []
    for words in (*wanted, *usual):
        if program := shutil.which(words[0]):
            return [program, *words[1:]]
        if words in wanted:
            complain(f"warning: the editor {words[0]!r} is not there; trying another")
    return None


def words_of(name: str, environ: Mapping[str, str]) -> Iterator[list[str]]:
    """What a variable says, which may hold arguments and quoted paths: `code --wait`."""
    said = environ.get(name, "").strip()
    try:
        words = shlex.split(said, posix=os.name != "nt")
    except ValueError:
        complain(f"warning: {name}: found {said!r}, expected a command with its quotes closed")
        return
    if words:
        yield [word.strip('"') for word in words]
