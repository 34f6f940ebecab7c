"""The program is compiled wherever it can be, and of pure Python where it cannot."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from pathlib import Path

import pytest
from publishing import installing

import argo_proxy

ROOT = Path(__file__).parent.parent
LISTED = re.compile(r'^    "src/(argo_proxy/.+)\.py",$', re.MULTILINE)
MODULES = LISTED.findall((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def must_be_compiled() -> bool:
    """It is no copy of the sources, and either that was asked for, or there is what it takes."""
    if ROOT / "src" in Path(argo_proxy.__file__).parents:
        return False
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    return os.environ.get("ARGO_PROXY_COMPILE") == "1" or (shutil.which("cc") is not None and headers.exists())


@pytest.mark.skipif(not must_be_compiled(), reason="these are the sources, or nothing can be compiled here")
@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_the_hot_path_is_compiled_where_there_is_a_compiler(module: str) -> None:
    found = find_spec(module.replace("/", "."))
    assert found is not None
    assert str(found.origin).endswith(tuple(EXTENSION_SUFFIXES)), found.origin


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_the_hot_path_has_nothing_that_mypyc_gets_wrong(module: str) -> None:
    tree = ast.parse((ROOT / "src" / f"{module}.py").read_text(encoding="utf-8"))
    tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try)]
    cleaning = [node for each in tries for part in (*each.handlers, *each.finalbody) for node in ast.walk(part)]
    waits = [node.lineno for node in cleaning if isinstance(node, ast.Await | ast.AsyncWith | ast.AsyncFor)]
    assert not waits, "an error that is on its way while a `finally` or `except` waits can get lost"
    stars = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.MatchStar) and node.name is not None]
    assert not stars, "what a star catches in a pattern is taken for a list, also of a tuple"


@pytest.mark.skipif(not must_be_compiled(), reason="these are the sources, or nothing can be compiled here")
def test_what_is_installed_need_not_be_read_anew_at_every_start() -> None:
    for package in ("argo_proxy", "msgspec", "ruamel.yaml", "rich"):
        found = find_spec(package)
        assert found is not None
        assert found.cached is not None
        assert Path(found.cached).exists(), found.cached


@pytest.mark.skipif(find_spec("hatchling") is None, reason="the tools are not here")
def test_pip_is_told_what_compiling_needs_only_where_it_is_asked_for() -> None:
    assert needed("0") == []
    assert {"mypy", "setuptools", "msgspec", "httptools"} <= {re.split("[<>=~]", need)[0] for need in needed("1")}


def needed(asked: str) -> list[str]:
    words = "import hatchling.build as build; print(*build.get_requires_for_build_wheel(), sep='\\n')"
    environ = {**os.environ, "ARGO_PROXY_COMPILE": asked}
    done = subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    return [line for line in done.stdout.splitlines() if line]


@pytest.mark.skipif(find_spec("mypyc") is None or os.name == "nt", reason="the tools are not here, or no CC is heard")
def test_without_a_compiler_the_program_is_made_of_pure_python_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CC", "/bin/false")
    monkeypatch.setattr(installing, "LOG", tmp_path / "compiling.log")
    made = installing.wheel(tmp_path)
    assert made.name.endswith("-py3-none-any.whl")
    assert capfd.readouterr().err == installing.PURE
    assert "/bin/false" in (tmp_path / "compiling.log").read_text(encoding="utf-8")
