"""The recipes for maintainers, followed to the letter in a copy of the repository: all of them lead there.

`make docs` runs this; `make test` sees only that each change has its place (tests/docs/test_recipes.py).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from publishing.reference import ROOT

from tests.docs.test_recipes import BLOCKS, changed

ADDED = [block.title for block in BLOCKS if block.language != "diff"]
TOUCHED = (
    "tests/catalog/test_facts.py",
    "tests/dialects/test_dialects.py",
    "tests/docs/test_reference.py",
    "tests/openapi",
    "tests/settings/test_table.py",
    "tests/web/test_pages.py",
)
"""What says that something is missing which belongs to an addition."""
TOOLS = Path(sys.executable).parent
STORY = "tests/test_cases.py::test_the_story_goes_as_it_is_told"
LEFT_OUT = shutil.ignore_patterns("node_modules", ".*", "clients", "chaos", "fuzz")


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with everything added."""
    copy = tmp_path_factory.mktemp("recipes")
    for name in ("src", "tests", "docs", "publishing"):
        shutil.copytree(ROOT / name, copy / name, ignore=LEFT_OUT)
    for name in ("README.md", "Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, copy)
    for name, text in changed().items():
        path = copy / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def python(followed: Path) -> Path:
    """An interpreter for which the copy is the program, whatever it starts."""
    home = followed / ".venv"
    venv.create(home, symlinks=True)
    paths = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)})
    lines = [str(followed / "src"), sysconfig.get_paths()["purelib"]]
    Path(paths["purelib"], "copy.pth").write_text("\n".join(lines), encoding="utf-8")
    return Path(paths["scripts"]) / Path(sys.executable).name


def run(folder: Path, *command: str | Path) -> None:
    """Whatever is said otherwise, it has to end well."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_recipes_lead_to_what_they_promise(followed: Path, python: Path) -> None:
    tests = [title for title in ADDED if title.startswith("tests/") and title.endswith(".py")]
    stories = [f"{STORY}[{title[len('tests/cases/') : -len('.case')]}]" for title in ADDED if title.endswith(".case")]
    run(followed, python, "-m", "publishing.reference")
    run(followed, python, "-m", "pytest", "-p", "no:cacheprovider", *tests, *stories, *TOUCHED)


def test_what_they_add_passes_the_checks(followed: Path, python: Path) -> None:
    added = [title for title in ADDED if title.endswith(".py")]
    run(followed, TOOLS / "ruff", "check", *added, "src")
    run(followed, TOOLS / "ruff", "format", "--check", *added, "src")
    run(followed, TOOLS / "basedpyright", "--pythonpath", python)
