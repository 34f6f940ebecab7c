from __future__ import annotations

import pytest
from benchmarks.figures import Point

pytest.importorskip("resource", reason="for Linux")

from benchmarks.growth import least, new_text, turn_row


def test_of_each_size_the_cheapest_round_counts() -> None:
    rounds = [[Point(1, 10, 2.0), Point(10, 100, 9.0)], [Point(1, 10, 3.0), Point(10, 100, 8.0)]]
    assert least(rounds) == [Point(1, 10, 2.0), Point(10, 100, 8.0)]


def test_a_new_text_is_as_long_as_it_should_be_and_shares_no_stretch_with_another() -> None:
    one, other = new_text(20_000), new_text(20_000)
    assert len(one) == len(other) == 20_000
    assert not set(map(one.__getitem__, stretches(20_000))) & set(map(other.__getitem__, stretches(20_000)))


def stretches(length: int) -> list[slice]:
    return [slice(at, at + 200) for at in range(0, length, 200)]


def test_a_turn_tells_what_remembering_saves() -> None:
    assert turn_row(10, 5, again_s=0.005, new_s=0.02) == ["10", "20", "1,000", "50", "4,000", "0.25"]
