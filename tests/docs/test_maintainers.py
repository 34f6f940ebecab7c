"""The pages for maintainers name what there is, and what they show is what happens."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import fields
from publishing.markdown import Block, blocks
from publishing.reference import ROOT

from argo_proxy.settings import resolve
from argo_proxy.settings.file import ConfigFile, entries_of
from argo_proxy.simulator import control
from argo_proxy.simulator.acts import Act
from tests.simulator.running import start

FOLDER = ROOT / "docs" / "maintainers"
SOURCE = ROOT / "src" / "argo_proxy"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in (*FOLDER.glob("*.md"), ROOT / "docs/architecture.md")}
WALK = PAGES["walk.md"]
SIMULATOR = PAGES["simulator.md"]
MADE = {"dist/", "site/"}


@cache
def names() -> dict[str, set[str]]:
    """What each module defines, by its path: functions, classes and their methods."""
    return {str(path.relative_to(SOURCE)): set(defined(path)) for path in SOURCE.rglob("*.py")}


def defined(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            methods = (inner for inner in node.body if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef))
            yield from (f"{node.name}.{method.name}" for method in methods)


def shown(page: str, language: str) -> list[Block]:
    return [block for block in blocks(PAGES[page]) if block.language == language]


def prose(page: str) -> str:
    return re.sub(r"^```.*?^```$", "", PAGES[page], flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_exists(page: str) -> None:
    """By its path from the root, from the package, or within one of the folders that the page is about."""
    told = set(re.findall(r"`((?:\.?\w+/)+(?:\w+\.\w+)?|\w+\.py)`", prose(page)))
    assert told
    missing = {path for path in told - MADE if not any((root / path).exists() for root in (ROOT, SOURCE))}
    made = {block.title for block in blocks(PAGES[page])}
    assert {path for path in missing - made if not [*SOURCE.rglob(path), *(ROOT / "tests").rglob(path)]} == set()


def test_every_name_of_the_walk_is_where_it_says() -> None:
    told = re.findall(r"`([\w/]+\.py)`:\s+`([\w.]+)`", WALK)
    assert len(told) > 15
    assert [(path, name) for path, name in told if name not in names()[path]] == []


def test_every_class_and_method_of_the_walk_exists() -> None:
    told = set(re.findall(r"`([A-Z]\w+(?:\.\w+)?)`", prose("walk.md")))
    assert len(told) > 15
    assert told - set().union(*names().values()) == set()


def test_the_walk_does_what_it_shows() -> None:
    [code], [output] = shown("walk.md", "python"), shown("walk.md", "text")
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code.text], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [line.rstrip() for line in done.stdout.decode("utf-8").splitlines()] == output.text.splitlines()


def test_the_script_for_the_simulator_does_what_it_shows() -> None:
    [code], [output] = shown("simulator.md", "python"), shown("simulator.md", "text")
    process, line = start()
    try:
        told = code.text.replace("http://127.0.0.1:8899", line.rpartition(" on ")[2].strip())
        done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False)
    finally:
        process.terminate()
        process.communicate(timeout=10)
    assert (done.stdout, done.stderr) == (output.text, "")


def test_everything_that_an_act_can_be_is_told() -> None:
    table = SIMULATOR.partition("| of an act |")[2].partition("\n\n")[0]
    told = {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split(" | ")[0])}
    assert told == {field.name for field in fields(Act)}


def test_every_control_request_is_told() -> None:
    source = Path(control.__file__).read_text(encoding="utf-8")
    requests = {tuple(command.split()) for command in re.findall(r'case "(\w+ \w+)"', source)}
    assert set(re.findall(r"^\| `(\w+) /_simulator/(\w+)` \|", SIMULATOR, re.MULTILINE)) == requests


def test_the_configuration_for_the_simulator_is_a_good_one() -> None:
    [block] = shown("simulator.md", "yaml")
    settings, warnings = resolve({}, {}, ConfigFile("shown", entries_of("shown", block.text)))
    assert (settings.argo_url, warnings) == ("http://127.0.0.1:8899/argoapi/api/v1/resource/chat/", ())
