"""Looks the locked packages that users get up in PyPI's list of known vulnerabilities.

Without a network it says so, and that is no failure: a machine in a vault can still run all that CI runs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).parent / "uv"
TOOLS = ROOT / ".venv-audit"
PAGE = "https://pypi.org/pypi/{}/{}/json"
"""What is known of one version of a package, vulnerabilities among it. Not every mirror of PyPI has these pages."""


def main() -> int:
    """The exit code: 0 when nothing is known against them, or nobody can be asked."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        uv("export", "--offline", "--no-default-groups", "--no-emit-project", "--output-file", str(file))
        if (trouble := unreadable(page_of_first(file))) is not None:
            sys.stderr.write(f"audit: left out, for PyPI's list of vulnerabilities cannot be read ({trouble})\n")
            return 0
        uv("sync", "--inexact", "--only-group", "audit", environ={"UV_PROJECT_ENVIRONMENT": str(TOOLS)})
        return audit(file)


def page_of_first(file: Path) -> str:
    """The page of the first package in the list."""
    found = re.search(r"^([\w.-]+)==(\S+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return PAGE.format(*found.groups())


def unreadable(url: str) -> str | None:
    """Why this cannot be read; None if it can."""
    try:
        urllib.request.urlopen(url, timeout=10).close()
    except OSError as error:
        return str(error)
    return None


def audit(file: Path) -> int:
    tool = TOOLS / ("Scripts" if os.name == "nt" else "bin") / "pip-audit"
    flags = ("--disable-pip", "--require-hashes", "--strict", "--progress-spinner", "off")
    return subprocess.run([tool, *flags, "--requirement", file], cwd=ROOT, check=False).returncode


def uv(command: str, *words: str, environ: dict[str, str] | None = None) -> None:
    subprocess.run(
        [UV, command, "--quiet", "--frozen", "--python", sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, **(environ or {})},
        check=True,
    )


if __name__ == "__main__":
    sys.exit(main())
