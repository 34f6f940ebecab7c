"""Whatever a stranger writes, only the errors come out that are meant for it, and soon."""

from __future__ import annotations

import os
from time import thread_time

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.strategies import inputs
from tests.fuzz.targets import TARGETS, play

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "30"))
"""`make fuzz` tries more."""
MOST_S = 3.0
"""Far beyond what any of it takes: without end is what this finds."""

hard = settings(
    deadline=None, max_examples=EXAMPLES, derandomize=EXAMPLES <= 100, database=None, print_blob=False,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_the_errors_that_are_meant_come_out_in_bounded_time(name: str) -> None:
    target = TARGETS[name]

    @hard
    @given(data=inputs(target.seeds))
    def holds(data: bytes) -> None:
        began_s = thread_time()
        play(target, data)
        assert thread_time() - began_s < MOST_S

    holds()


@pytest.mark.parametrize("name", TARGETS)
def test_what_fuzzing_begins_from_is_read(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].read(seed)
