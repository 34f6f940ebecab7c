"""What a program takes, all its processes together. Linux only."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Footprint:
    memory_mb: float
    files: int


def footprint(pid: int) -> Footprint:
    """That of the process and of its children."""
    processes = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    return Footprint(sum(map(_memory_mb, processes)), sum(len(os.listdir(f"/proc/{each}/fd")) for each in processes))


def _memory_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024
