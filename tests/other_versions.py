"""Run the tests on the other supported Pythons that are at hand, each in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSIONS = ("3.10", "3.11", "3.12", "3.13")
ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).parent / "uv"


def main() -> int:
    """The exit code: 0 when every version at hand passes."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    failed = [version for version in VERSIONS if version != here and not passes(version)]
    if failed:
        sys.stderr.write(f"the tests fail on Python {', '.join(failed)}\n")
    return 1 if failed else 0


def passes(version: str) -> bool:
    """Whether the tests pass on this version; one that is not at hand cannot fail."""
    interpreter = interpreter_of(version)
    if interpreter is None:
        say(f"Python {version} is not at hand: not tested")
        return True
    say(f"Python {version}")
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": f".venv-{version}", "UV_PYTHON_DOWNLOADS": "never"}
    python = str(ROOT / f".venv-{version}" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    sync = [str(UV), "sync", "--quiet", "--frozen", "--python", interpreter, "--no-default-groups", "--group", "test"]
    steps = (sync, [python, "-m", "pytest"])
    return all(subprocess.run(step, cwd=ROOT, env=environment, check=False).returncode == 0 for step in steps)


def interpreter_of(version: str) -> str | None:
    """The path of an interpreter of that version, if this machine has one: on the PATH, or among pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [shutil.which(f"python{version}"), *map(str, pyenv.glob(f"versions/{version}.*/bin/python"))]
    return next((path for path in candidates if path and is_version(path, version)), None)


def is_version(path: str, version: str) -> bool:
    """Whether that really runs: pyenv puts scripts on the PATH that only say that they do not."""
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return told.returncode == 0 and told.stdout.startswith(f"Python {version}.")


def say(text: str) -> None:
    """At once, so that it stands above what the tests print."""
    sys.stdout.write(f"== {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
