"""The recipes for maintainers are followed to the letter, in a copy of the repository, and all of them lead there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from publishing.markdown import blocks
from publishing.reference import ROOT

PAGE = ROOT / "docs" / "maintainers" / "recipes.md"
BLOCKS = [*blocks(PAGE.read_text(encoding="utf-8"))]
ADDED = [block.title for block in BLOCKS if block.language != "diff"]
TOUCHED = (
    "tests/catalog/test_facts.py",
    "tests/dialects/test_dialects.py",
    "tests/openapi",
    "tests/settings/test_table.py",
    "tests/web/test_pages.py",
)
"""What says that something is missing which belongs to an addition."""
STORY = "tests/test_cases.py::test_the_story_goes_as_it_is_told"
LEFT_OUT = shutil.ignore_patterns("node_modules", ".*", "clients", "chaos", "fuzz")


def patched(text: str, diff: str) -> str:
    """The text with the changes, each of which has one place alone."""
    for hunk in re.split(r"^@@\n", diff, flags=re.MULTILINE):
        lines = [line or " " for line in hunk.splitlines()]
        old, new = ("".join(f"{line[1:]}\n" for line in lines if line[0] in kinds) for kinds in (" -", " +"))
        assert text.count(old) == 1, f"there is no one place for\n{old}"
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with everything added."""
    copy = tmp_path_factory.mktemp("recipes")
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=LEFT_OUT)
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, copy)
    for block in BLOCKS:
        path = copy / block.title
        path.parent.mkdir(exist_ok=True)
        told = patched(path.read_text(encoding="utf-8"), block.text) if block.language == "diff" else block.text
        path.write_text(told, encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def python(followed: Path) -> Path:
    """An interpreter for which the copy is the program, whatever it starts."""
    home = followed / "venv"
    venv.create(home, symlinks=True)
    paths = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)})
    lines = [str(followed / "src"), sysconfig.get_paths()["purelib"]]
    Path(paths["purelib"], "copy.pth").write_text("\n".join(lines), encoding="utf-8")
    return Path(paths["scripts"]) / Path(sys.executable).name


def test_the_recipes_lead_to_what_they_promise(followed: Path, python: Path) -> None:
    tests = [title for title in ADDED if title.startswith("tests/") and title.endswith(".py")]
    stories = [f"{STORY}[{title[len('tests/cases/') : -len('.case')]}]" for title in ADDED if title.endswith(".case")]
    command = [python, "-m", "pytest", "-p", "no:cacheprovider", *tests, *stories, *TOUCHED]
    done = subprocess.run(command, cwd=followed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_recipe_has_a_test_or_a_story_of_its_own() -> None:
    recipes = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    untested = [name.partition("\n")[0] for name in recipes if 'title="tests/' not in name]
    assert untested == ["A setting"]  # the route uses it
    assert all(block.title for block in BLOCKS)


def test_a_change_without_its_place_is_an_error() -> None:
    with pytest.raises(AssertionError, match="no one place"):
        patched("a\nb\n", "-c\n+d\n")
