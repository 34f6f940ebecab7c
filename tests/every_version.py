"""Run all tests on this Python, and beside them most on the other supported ones that are at hand.

Two runs at a time: here the integration tests and the rest beside each other, for they are the longest, then the other
versions, each in an environment of its own. Those go without laws, fuzzing and all else that hypothesis tries, which
are about values, without the chaos and what is about the simulator itself, and of what starts programs they run only
what exercises the main job: the rest tells of the network, the terminal and the operating system, not of the version
of Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

VERSIONS = ("3.10", "3.11", "3.12", "3.13")
LEFT_OUT = ("laws", "fuzz", "chaos", "simulator", "docs", "cli/test_demo.py", "cli/test_terminal.py")
MAIN_JOB = ("test_chat.py", "test_streaming.py")
ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).parent / "uv"


def main() -> int:
    """The exit code: 0 when every version at hand passes."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    others = [version for version in VERSIONS if version != here]
    with ThreadPoolExecutor(2) as two:
        integration = two.submit(passes_aloud, "tests/integration")
        rest = two.submit(passes, f"{here}, all but integration", sys.executable, ["--ignore=tests/integration"])
        passed = dict(zip(others, two.map(passes_elsewhere, others), strict=True))
    failed = [version for version, good in passed.items() if not good]
    if not (integration.result() and rest.result()):
        failed.append(here)
    if failed:
        sys.stderr.write(f"the tests fail on Python {', '.join(failed)}\n")
    return 1 if failed else 0


def passes_aloud(folder: str) -> bool:
    """Whether the tests there pass here; what they tell is seen as it comes."""
    return subprocess.run([sys.executable, "-m", "pytest", folder], cwd=ROOT, check=False).returncode == 0


def passes_elsewhere(version: str) -> bool:
    """Whether the tests pass on this version; one that is not at hand cannot fail."""
    interpreter = interpreter_of(version)
    if interpreter is None:
        say(f"== Python {version} is not at hand: not tested\n")
        return True
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": f".venv-{version}", "UV_PYTHON_DOWNLOADS": "never"}
    sync = [str(UV), "sync", "--quiet", "--frozen", "--python", interpreter, "--no-default-groups", "--group", "test"]
    synced = subprocess.run(sync, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    if synced.returncode != 0:
        say(f"== Python {version} cannot be set up\n{synced.stderr}")
        return False
    python = ROOT / f".venv-{version}" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return passes(version, str(python), left_out())


def passes(name: str, python: str, options: list[str]) -> bool:
    """Whether the tests pass with that interpreter; what they tell is seen at the end, and whole if they fail."""
    command = [python, "-m", "pytest", "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    good = done.returncode == 0
    told = f": {done.stdout.splitlines()[-1]}" if good else f" fails\n{done.stdout}{done.stderr}"
    say(f"== Python {name}{told}\n")
    return good


def left_out() -> list[str]:
    """Options that leave out what tells nothing of the version, and all integration tests but those of the main job."""
    tests = ROOT / "tests"
    programs = sorted((tests / "integration").glob("test_*.py"))
    kept = [tests / "integration" / name for name in MAIN_JOB]
    ignored = [f"--ignore={path}" for path in (*(tests / name for name in LEFT_OUT), *programs) if path not in kept]
    return ["-m", "not hypothesis", *ignored]


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
    """At once."""
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
