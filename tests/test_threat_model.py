"""The threat model names files and tests that exist: a defence that goes takes its line along."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
TESTS = sorted(set(re.findall(r"`(tests/[\w/.]+)(?:::(\w+))?`", PAGE)))
FILES = sorted(set(re.findall(r"`(?!tests/)((?:\w+/)+(?:\w+\.py)?|\w+\.py)`", PAGE)))


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_every_test_that_is_named_exists(file: str, name: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not name or f"def {name}(" in text


@pytest.mark.parametrize("file", FILES)
def test_every_file_that_is_named_exists(file: str) -> None:
    assert (ROOT / "src" / "argo_proxy" / file).exists()


def test_the_page_names_tests_and_files() -> None:
    assert len(TESTS) > 20
    assert len(FILES) > 10


def test_every_attack_has_its_defence_and_its_test() -> None:
    rows = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| ") and "attack | defence" not in line]
    assert all(len(row) == 3 and ("tests/" in row[2] or "see below" in row[1]) for row in rows)
