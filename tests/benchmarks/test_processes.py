from __future__ import annotations

import sys
from pathlib import Path

import pytest

if not Path("/proc/self/stat").exists():
    pytest.skip("for Linux", allow_module_level=True)

from benchmarks.processes import require, running

PROGRAM = """
import subprocess, sys, threading
child = subprocess.Popen([sys.executable, "-c", "sum(range(2_000_000)); print('ready', flush=True); input()"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print("ready", flush=True)
threading.Event().wait()
"""


def test_what_a_program_takes_is_that_of_its_children_too(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running([sys.executable, "-c", PROGRAM], log) as session:
        while "ready" not in log.read_text():
            assert not session.ended
        assert session.cpu_s() > 0.02
        assert session.resident_mb() > 10
        user_s, system_s = session.user_and_system_s()
        assert user_s + system_s == pytest.approx(session.cpu_s(), abs=0.05)
    assert session.ended


def test_a_program_that_is_missing_is_named_with_what_to_install() -> None:
    require("sh")
    with pytest.raises(SystemExit, match=r"no-such-program must be installed, .*: apt install no-such-program"):
        require("sh", "no-such-program")
