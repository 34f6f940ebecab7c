"""The hot path takes no more calls than its budget: no clock is in it, so it holds on every machine."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.calls import Calls, Meter, complaints

ROOT = Path(__file__).parent.parent.parent
BUDGET = {"chat": Calls(300, 100), "chunk": Calls(40, 20)}


def one_more() -> int:
    return abs(-1)


async def step() -> None:
    one_more()
    one_more()


def test_no_request_and_no_chunk_takes_more_calls_than_its_budget() -> None:
    done = subprocess.run([sys.executable, "-m", "benchmarks.calls"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("chunk", "complaint"),
    [
        (Calls(44, 22), None),
        (Calls(45, 20), "chunk: 1.12 times the own calls of the budget"),
        (Calls(40, 23), "chunk: 1.15 times the built_in calls of the budget"),
        (Calls(29, 20), "chunk: only 0.72 times the own calls: narrow the budget with --write"),
    ],
)
def test_a_tenth_more_is_too_much_and_a_budget_that_is_much_too_wide_is_told(
    chunk: Calls, complaint: str | None
) -> None:
    found = complaints({"chat": BUDGET["chat"], "chunk": chunk}, BUDGET)
    assert found == ([complaint] if complaint else [])


def test_calls_in_the_folder_are_counted_and_no_others() -> None:
    here = Meter(str(Path(__file__).parent))
    assert asyncio.run(here.of(step)) == Calls(3, 2)
    elsewhere = Meter(str(ROOT / "src"))
    assert asyncio.run(elsewhere.of(step)) == Calls(0, 0)
