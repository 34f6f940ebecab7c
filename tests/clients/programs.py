"""Clients that are programs of their own: those for Node, and the Codex command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

LIMIT_S = 60.0
NODE_FOLDER = Path(__file__).parent / "node"


@dataclass(frozen=True)
class Node:
    """Node on this machine, beside the packages of `tests/clients/node`."""

    path: str

    def test(self, file: str, folder: Path, **environment: str) -> None:
        """Run a file of tests with Node's own runner. Raises AssertionError with what it printed."""
        said = run([self.path, "--test-reporter=spec", str(NODE_FOLDER / file)], folder, **environment)
        assert said.returncode == 0, said.stdout + said.stderr


def node_here() -> Node:
    """Node, if it is here; without it a test is skipped, but in CI it fails."""
    path = shutil.which("node")
    if path and (NODE_FOLDER / "node_modules").is_dir():
        return Node(path)
    missing = f"{'its packages are' if path else 'node is'} not here; install Node.js and npm, then make test-clients"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


def run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """With nothing of this environment but the PATH, at home in this folder, without input."""
    return subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )
