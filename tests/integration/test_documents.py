"""What the documents say of the command line and the configuration is all that there is, and nothing else."""

from __future__ import annotations

import re
import shlex
import textwrap
from pathlib import Path

import pytest

from argo_proxy.cli.commands import COMMANDS, command_parser
from argo_proxy.cli.parser import parse, serve_parser
from argo_proxy.rereading import FIXED
from argo_proxy.settings import older, resolve
from argo_proxy.settings.file import ConfigFile, entries_of
from argo_proxy.settings.table import environ_names, keys

ROOT = Path(__file__).parent.parent.parent
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*.md"))
}
CONFIGURATION = PAGES["docs/configuration.md"]
COMMAND_LINE = PAGES["docs/command-line.md"]
OTHERS_FLAGS = {"--message", "--update-cases", "--wait", "--resolve", "--upgrade"}
"""Of aider, pytest, VS Code, curl, pip."""


def table(page: str, head: str) -> list[str]:
    """The rows below this head, wherever it stands first."""
    return page.partition(f"{head}\n")[2].partition("\n\n")[0].splitlines()[1:]


def test_every_command_has_its_part_and_its_words() -> None:
    told = re.findall(r"^### argo-proxy (\w+)\n.*?^<!-- words of (\w+) -->$", COMMAND_LINE, re.MULTILINE | re.DOTALL)
    assert told == [(name, name) for name in COMMANDS]


def test_every_exit_code_is_told() -> None:
    rows = table(COMMAND_LINE, "| code | meaning |")
    assert [row.split()[1] for row in rows] == ["0", "1", "2", "130"]


@pytest.mark.parametrize("page", PAGES)
def test_no_flag_is_told_of_that_there_is_not(page: str) -> None:
    parsers = [serve_parser(), *map(command_parser, COMMANDS)]
    known = {flag for parser in parsers for one in parser._actions for flag in one.option_strings}
    own = "\n".join(line for line in PAGES[page].splitlines() if not line.startswith(("$ ssh", "$ curl")))
    told = {*re.findall(r"(?<![\w-])--[a-z][a-z-]+", own)}
    assert told - known - OTHERS_FLAGS == set()


@pytest.mark.parametrize("page", PAGES)
def test_no_variable_is_told_of_that_there_is_not(page: str) -> None:
    more = {name: key.more_environ for name, key in keys().items()}
    known = {variable for name, others in more.items() for variable in environ_names(name, others)}
    assert {*re.findall(r"ARGO_PROXY_[A-Z_]*[A-Z]", PAGES[page])} - known == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_shown_is_understood(page: str) -> None:
    lines = re.findall(r"^(?:\$ |    |  )?argo-proxy((?: [^\n]*)?)$", PAGES[page], re.MULTILINE)
    quoted = re.findall(r"`argo-proxy ([^`\n]*[^`\n.])`", PAGES[page])
    for line in (*lines, *quoted):
        if not re.search(r"[\[|]|COMMAND|AGENT|SHELL|\.\.", line.partition(" |")[0]):
            parse(shlex.split(line.partition(" |")[0]))


@pytest.mark.parametrize("block", re.findall(r"^```yaml\n(.*?)^```", CONFIGURATION, re.DOTALL | re.MULTILINE))
def test_the_configuration_shown_is_a_good_one(block: str) -> None:
    file = ConfigFile("shown", entries_of("shown", textwrap.dedent(block)))
    assert resolve({"user": "jdoe"}, {}, file).warnings == ()


def test_every_older_name_of_a_key_is_told() -> None:
    section = CONFIGURATION.partition("## Files of argo-proxy 1, 2 and 3")[2].partition("\n## ")[0]
    assert [name for name in older.RENAMED if f"`{name}`" not in section] == []
    obsolete = re.findall(r"`(\w+)`", re.split(r"All\s+others", section)[1])
    assert obsolete
    assert all(older.is_obsolete(name) for name in obsolete)


def test_what_cannot_change_while_it_serves_is_told() -> None:
    [told] = re.findall(r"a bad change is refused, and (.*?)\s+stay as they are", CONFIGURATION, re.DOTALL)
    assert re.findall(r"`(\w+)`", told) == [*FIXED]
