"""Every block of code in docs/ can be read by what it is for. Those that are to be run are run by tests beside this."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Callable, Mapping
from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path
from xml.etree import ElementTree

import pytest
from publishing.markdown import Block, blocks
from publishing.reference import ROOT
from ruamel.yaml import YAML

PROMPT = "$ "


def as_python(text: str) -> None:
    ast.parse(text)


def as_shell(text: str) -> None:
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def as_session(text: str) -> None:
    """What is typed stands behind a prompt, and goes on after a backslash; the rest is what is answered."""
    typed = re.findall(r"^\$ ((?:.*\\\n)*.*)$", text, re.MULTILINE)
    assert typed, "nothing is typed: is it text?"
    as_shell("\n".join(typed))


def as_yaml(text: str) -> None:
    YAML(typ="safe").load(text)


def as_toml(text: str) -> None:
    tomllib = pytest.importorskip("tomllib", reason="newer than Python 3.10")
    tomllib.loads(text)


def as_ini(text: str) -> None:
    ConfigParser(interpolation=None).read_string(text)


READERS: Mapping[str, Callable[[str], object]] = {
    "python": as_python,
    "sh": as_shell,
    "bash": as_shell,
    "console": as_session,
    "yaml": as_yaml,
    "json": json.loads,
    "toml": as_toml,
    "ini": as_ini,
    "xml": ElementTree.fromstring,
}
SHOWN = {"", "text", "log", "diff", "js", "javascript", "ts", "typescript", "nginx", "powershell"}
"""Only to be read by people, or by programs that are not here."""


def every_block() -> list[tuple[Path, Block]]:
    return [
        (page, block) for page in sorted((ROOT / "docs").rglob("*.md")) for block in blocks(page.read_text("utf-8"))
    ]


def name(value: Path | Block) -> str:
    return value.stem if isinstance(value, Path) else f"line {value.number}"


@pytest.mark.parametrize(("page", "block"), every_block(), ids=name)
def test_a_block_can_be_read_as_what_it_is(page: Path, block: Block) -> None:
    assert block.language in {*READERS, *SHOWN}, f"{page}:{block.number}: nothing checks {block.language}"
    if reader := READERS.get(block.language):
        reader(block.text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "def f(:"),
        ("sh", "if true; then"),
        ("console", "$ echo 'a"),
        ("console", "echo a"),
        ("yaml", "a: [1"),
        ("json", "{'a': 1}"),
    ],
)
def test_what_is_none_is_seen(language: str, text: str) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - each reader has its own
        READERS[language](text)


def test_every_target_of_make_that_is_told_of_exists() -> None:
    targets = re.findall(r"^([\w%-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))]
    told = {target for page in pages for target in re.findall(r"(?:`|^\s*\$ )make ([a-z][\w-]*)", page, re.MULTILINE)}
    assert told
    assert [name for name in told if not any(fnmatch(name, target.replace("%", "*")) for target in targets)] == []


def test_what_the_first_page_shows_is_what_the_readme_shows_and_its_tests_run() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [block.text for page, block in every_block() if page == ROOT / "docs" / "index.md" and block.language]
    assert shown
    assert [text for text in shown if text not in readme] == []
