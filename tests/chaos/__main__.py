"""`python -m tests.chaos`: ten thousand requests through faults of every kind; the exit code says how it went."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.run import Report, check_log, check_open, count_calls, plan, play, running
from tests.integration.proxying import Proxy

FIRST = 2000
"""After so many requests everything has been used, and memory and files must stay as they are."""
MORE_BYTES = 24 * 2**20
MORE_FILES = 32
SHOWN = 40


def main() -> int:
    """The exit code: 0 when every request ended as it must, and the proxy is as it was."""
    arguments = _arguments()
    report = Report()
    requests = plan(arguments.requests, arguments.seed, rare=not arguments.quick)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder, running(Path(folder)) as (proxy, gateway):
        started_s = time.monotonic()
        asyncio.run(play(requests[:FIRST], proxy, gateway, report))
        before = _footprint(proxy)
        asyncio.run(play(requests[FIRST:], proxy, gateway, report))
        after = _footprint(proxy)
        took_s = time.monotonic() - started_s
        count_calls(requests, gateway, report)
        check_open(gateway, report)
        check_log(proxy, report)
    if after[0] - before[0] > MORE_BYTES or after[1] - before[1] > MORE_FILES:
        report.complaints.append(f"memory and files grow: from {before} to {after}")
    _tell(
        f"{len(requests)} requests, {len(report.endings)} faults, {report.left} left, seed {arguments.seed}, {took_s:.0f} s"
    )
    _tell(f"memory {before[0] / 2**20:.0f} to {after[0] / 2**20:.0f} MiB, open files {before[1]} to {after[1]}")
    for complaint in report.complaints[:SHOWN]:
        _tell(complaint)
    _tell(f"{len(report.complaints)} complaints")
    return 1 if report.complaints else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="leave out what takes long")
    return parser.parse_args()


def _footprint(proxy: Proxy) -> tuple[int, int]:
    """Bytes of memory and number of open files."""
    return proxy.resident_bytes(), proxy.open_files()


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
