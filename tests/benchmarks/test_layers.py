from __future__ import annotations

import os

import pytest

if os.name != "posix":
    pytest.skip("for Linux", allow_module_level=True)

from benchmarks.attribution import Cost
from benchmarks.layers import shown, with_rest


def test_what_is_left_of_the_time_is_the_loops_and_the_kernels() -> None:
    rows = shown("a chunk", with_rest({"web": Cost(10, 3e-6)}, 12e-6), 12e-6).splitlines()
    assert rows[2:] == ["| web | 10 | 3 | 25% |", "| event loop in C, kernel | 0 | 9 | 75% |"]
