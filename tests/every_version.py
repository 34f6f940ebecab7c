"""Run all tests on this Python, and beside them most on the other supported ones that are at hand.

Two run at a time, the others each in an environment of its own, without laws and fuzzing, which are about values,
without the chaos, and of the integration tests only those that exercise the main job: the rest tells of the network and
the operating system, not of the version of Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

VERSIONS = ("3.10", "3.11", "3.12", "3.13")
MAIN_JOB = ("test_chat.py", "test_streaming.py")
ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).parent / "uv"


def main() -> int:
    """The exit code: 0 when every version at hand passes."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    others = [version for version in VERSIONS if version != here]
    with ThreadPoolExecutor(2) as two:
        whole = two.submit(passes_whole)
        passed = dict(zip([*others, here], [*two.map(passes, others), whole.result()], strict=True))
    failed = [version for version, good in passed.items() if not good]
    if failed:
        sys.stderr.write(f"the tests fail on Python {', '.join(failed)}\n")
    return 1 if failed else 0


def passes_whole() -> bool:
    """Whether all tests pass here; what they tell is seen as it comes."""
    return subprocess.run([sys.executable, "-m", "pytest"], cwd=ROOT, check=False).returncode == 0


def passes(version: str) -> bool:
    """Whether the tests pass on this version; one that is not at hand cannot fail."""
    interpreter = interpreter_of(version)
    if interpreter is None:
        say(f"== Python {version} is not at hand: not tested\n")
        return True
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": f".venv-{version}", "UV_PYTHON_DOWNLOADS": "never"}
    python = str(ROOT / f".venv-{version}" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    sync = [str(UV), "sync", "--quiet", "--frozen", "--python", interpreter, "--no-default-groups", "--group", "test"]
    for step in (sync, [python, "-m", "pytest", "-p", "no:cacheprovider", *left_out()]):
        done = subprocess.run(step, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            say(f"== Python {version} fails\n{done.stdout}{done.stderr}")
            return False
    say(f"== Python {version}: {done.stdout.splitlines()[-1]}\n")
    return True


def left_out() -> list[str]:
    """Options that leave out the laws, the fuzzing, the chaos, and all integration tests but those of the main job."""
    files = sorted((ROOT / "tests" / "integration").glob("test_*.py"))
    return [
        "--ignore=tests/laws",
        "--ignore=tests/fuzz",
        "--ignore=tests/chaos",
        *(f"--ignore={path}" for path in files if path.name not in MAIN_JOB),
    ]


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
