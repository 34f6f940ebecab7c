"""A sample of the chaos: `make chaos` has all of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.faults import FAULTS
from tests.chaos.kinds import KINDS
from tests.chaos.modes import MODES
from tests.chaos.run import Report, check_log, check_open, count_calls, plan, play, running

REQUESTS = 300
SEED = 20261

with_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are read from /proc")


@with_proc
def test_every_request_ends_as_its_fault_says_and_nothing_is_left_open(tmp_path: Path) -> None:
    report = Report()
    requests = plan(REQUESTS, SEED, rare=False)
    with running(tmp_path, upstream_idle_timeout_s=1.5) as (proxy, gateway):
        asyncio.run(play(requests, proxy, gateway, report))
        count_calls(requests, gateway, report)
        check_open(gateway, report)
        check_log(proxy, report)
    assert report.complaints == []
    assert report.left > 0


def test_the_sample_has_every_common_fault_and_every_kind() -> None:
    requests = plan(REQUESTS, SEED, rare=False)
    assert {request.fault.mark for request in requests} >= {fault.mark for fault in FAULTS if not fault.rare}
    assert {request.kind for request in requests} == set(KINDS)


def test_the_modes_share_all_requests_and_each_has_every_kind() -> None:
    assert sum(mode.share for mode in MODES.values()) == pytest.approx(1)
    assert [[kind.name for kind in mode.kinds] for mode in MODES.values()] == [[kind.name for kind in KINDS]] * len(
        MODES
    )
    assert all(plan(50, 3, rare=mode.rare, kinds=mode.kinds) for mode in MODES.values())


def test_the_same_seed_gives_the_same_requests() -> None:
    assert plan(50, 3, rare=True) == plan(50, 3, rare=True)
    assert plan(50, 3, rare=True) != plan(50, 4, rare=True)


def test_no_fault_is_taken_for_another() -> None:
    marks = Counter(fault.mark for fault in FAULTS)
    assert set(marks.values()) == {1}
    assert not [(one, other) for one in marks for other in marks if one != other and one in other]
