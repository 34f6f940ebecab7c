"""Programs that are measured, each in a session of its own: the kernel tells what they take. Linux only."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

STOP_S = 5.0
_TICKS_S = os.sysconf("SC_CLK_TCK")


class Session:
    """A running program and all that it has started."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.log = log
        self._process = process

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def cpu_s(self) -> float:
        """The CPU time of its living processes, user and system, to the nanosecond."""
        return sum(map(_cpu_s, self._pids()))

    def user_and_system_s(self) -> tuple[float, float]:
        """The same in two, to a tick of the kernel's (10 ms)."""
        user, system = zip(*map(_ticks, self._pids()), strict=True)
        return sum(user) / _TICKS_S, sum(system) / _TICKS_S

    def resident_mb(self) -> float:
        return sum(map(_resident_mb, self._pids()))

    def stop(self) -> None:
        """Gently, then not."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _pids(self) -> list[int]:
        found = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        return [pid for pid in found if _session_of(pid) == self._process.pid]


@contextmanager
def running(command: Sequence[str], log: Path, **environ: str) -> Iterator[Session]:
    """The program while it runs; what it writes goes to the log."""
    session = start(command, log, environ)
    try:
        yield session
    finally:
        session.stop()


def start(command: Sequence[str], log: Path, environ: Mapping[str, str]) -> Session:
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    return Session(process, log)


def require(*programs: str) -> None:
    """Exits with a word on what to install."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        names = " ".join(missing).replace("nginx", "nginx-light")
        raise SystemExit(f"{' and '.join(missing)} must be installed, on Debian or Ubuntu by: apt install {names}")


def _session_of(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[3]) if fields else None


def _ticks(pid: int) -> tuple[int, int]:
    fields = _stat(pid)
    return (int(fields[11]), int(fields[12])) if fields else (0, 0)


def _stat(pid: int) -> list[str]:
    """What follows the name in proc(5)'s stat; nothing if the process has just ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _cpu_s(pid: int) -> float:
    return time.clock_gettime(~pid << 3 | 2)  # clock_getcpuclockid(3): Linux makes the clock's number of the process's


def _resident_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0
