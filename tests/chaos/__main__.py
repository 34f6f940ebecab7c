"""`python -m tests.chaos`: ten thousand requests through faults of every kind; the exit code says how it went."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.footprint import Footprint, footprint
from tests.chaos.judge import Request
from tests.chaos.modes import MODES, Mode
from tests.chaos.run import Report, check_log, check_open, count_calls, plan, play, running

WARM_UP = 0.25
"""Of the requests; then everything has been used, and memory and files must stay as they are."""
MORE_FILES = 32
LIMIT_S = 240
"""For each mode."""
SHOWN = 40


def main() -> int:
    """The exit code: 0 when every request ended as it must, and each proxy is as it was."""
    arguments = _arguments()
    complaints: list[str] = []
    for name, mode in MODES.items():
        count = int(arguments.requests * mode.share)
        requests = plan(count, arguments.seed, rare=mode.rare and not arguments.quick, kinds=mode.kinds)
        complaints += _chaos(name, mode, requests)
    _tell(f"{len(complaints)} complaints, seed {arguments.seed}")
    return 1 if complaints else 0


def _chaos(name: str, mode: Mode, requests: Sequence[Request]) -> list[str]:
    """The complaints of one mode, which are told, too."""
    report, started_s, warm = Report(), time.monotonic(), int(len(requests) * WARM_UP)
    with (
        tempfile.TemporaryDirectory(prefix="chaos-") as folder,
        running(Path(folder), *mode.flags, **mode.settings) as (proxy, gateway),
    ):
        try:
            asyncio.run(asyncio.wait_for(play(requests[:warm], proxy, gateway, report), LIMIT_S))
            before = footprint(proxy.process.pid)
            asyncio.run(asyncio.wait_for(play(requests[warm:], proxy, gateway, report), LIMIT_S))
            _compare(before, footprint(proxy.process.pid), mode.more_mb, report)
            count_calls(requests, gateway, report)
            check_open(gateway, report)
        except asyncio.TimeoutError:
            report.complaints.append(f"no end within {LIMIT_S} s")
        check_log(proxy, report)
    kinds, took_s = len(report.endings), time.monotonic() - started_s
    _tell(f"{name}: {len(requests)} requests, {kinds} faults, {report.left} clients left, {took_s:.0f} s")
    _tell("".join(f"  {line}\n" for line in (*report.notes, *report.complaints[:SHOWN])).rstrip())
    return report.complaints


def _compare(before: Footprint, after: Footprint, more_mb: int, report: Report) -> None:
    told = (
        f"memory {before.memory_mb:.0f} to {after.memory_mb:.0f} MiB and open files {before.files} to {after.files}"
        f" in the last {1 - WARM_UP:.0%}"
    )
    grown = after.memory_mb - before.memory_mb > more_mb or after.files - before.files > MORE_FILES
    (report.complaints if grown else report.notes).append(told)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="leave out the answers of 50 MB")
    return parser.parse_args()


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
