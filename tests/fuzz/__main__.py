"""`make fuzz`: the program against its description, and every target for long, by hypothesis and by atheris.

Each gets a third of the time. The exit code is 0 when none of them found anything.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import monotonic

from tests.integration.proxying import proxying
from tests.simulator.running import start

ROOT = Path(__file__).parent.parent.parent
RULES = Path(__file__).parent / "schemathesis.toml"
EXAMPLES = 100
"""How many inputs hypothesis tries of a target in one go; it goes on with others as long as there is time."""


def main(words: list[str]) -> int:
    """`words`: for how many seconds in all."""
    share_s = int(words[0] if words else 300) // 3
    return max([against_description(share_s), by_hypothesis(share_s), by_atheris(share_s)])


def against_description(limit_s: int) -> int:
    say(f"schemathesis, for {limit_s} s")
    with tempfile.TemporaryDirectory() as folder, gateway() as url, proxying(Path(folder), url) as proxy:
        command = ["schemathesis.cli", "--config-file", str(RULES), "run", f"{proxy.url[:-3]}/openapi.json"]
        options = ["--max-time", str(limit_s), "-n", "100000", "--max-failures", "5"]
        found = run("-m", *command, *options, folder=folder)
        return found or int(proxy.process.poll() is not None)


def by_hypothesis(limit_s: int) -> int:
    say(f"hypothesis, for {limit_s} s")
    until_s, found = monotonic() + limit_s, 0
    os.environ["FUZZ_EXAMPLES"] = str(EXAMPLES + 1)
    while not found and monotonic() < until_s:
        found = run("-m", "pytest", "tests/fuzz/test_targets.py", "-p", "no:cacheprovider")
    return found


def by_atheris(limit_s: int) -> int:
    if find_spec("atheris") is None:
        say("atheris has nothing for this Python: left out")
        return 0
    say(f"atheris, for {limit_s} s")
    return run("-m", "tests.fuzz.by_atheris", str(limit_s))


@contextmanager
def gateway() -> Iterator[str]:
    """The address of a simulated one."""
    process, line = start()
    try:
        yield f"http://127.0.0.1:{line.rsplit(':', 1)[1].strip()}"
    finally:
        process.terminate()
        process.communicate(timeout=10)


def run(*words: str, folder: str | Path = ROOT) -> int:
    return subprocess.run([sys.executable, *words], cwd=folder, check=False).returncode


def say(text: str) -> None:
    sys.stdout.write(f"== {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
