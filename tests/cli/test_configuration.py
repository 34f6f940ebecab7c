"""The file that is found first may be another program's: it is left alone, and that is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.commanding import run
from tests.integration.screen import USER, on_screen

THEIRS = "services: {web: {image: nginx}}\nversion: 3\n"
LEFT = "error: config.yaml: has no key of argo-proxy, and is left as it is"


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(THEIRS)
    return path


def test_a_file_of_another_program_is_not_completed(tmp_path: Path, theirs: Path) -> None:
    with on_screen(tmp_path) as screen:
        code, shown = screen.ends()
    assert code == 2
    assert LEFT in shown.splitlines()
    assert USER not in shown
    assert theirs.read_text() == THEIRS


@pytest.mark.usefixtures("theirs")
def test_with_it_a_file_of_ours_that_comes_later_is_named(tmp_path: Path) -> None:
    ours = tmp_path / ".config" / "argoproxy" / "config.yaml"
    ours.parent.mkdir(parents=True)
    ours.write_text("user: jdoe\n")
    done = run(tmp_path, "--validate")
    assert done.returncode == 2
    assert f"{LEFT}; to use {ours}: argo-proxy {ours}" in done.stderr.splitlines()
    assert done.stderr.splitlines()[-1].startswith("error: user: missing; ")


def test_a_file_with_a_key_that_is_mistyped_is_ours(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("usr: jdoe\n")
    assert LEFT not in run(tmp_path, "--validate").stderr
