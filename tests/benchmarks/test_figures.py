from __future__ import annotations

import pytest
from benchmarks.figures import Point, comparison, growth, number, ratio, table


def test_a_ratio_is_that_of_the_middle_round_so_that_drift_does_not_show() -> None:
    calm, drifting = [10.0, 20.0, 40.0], [20.0, 41.0, 79.0]
    assert ratio(drifting, calm) == 2.0


def test_a_round_in_which_the_limit_took_nothing_has_no_ratio() -> None:
    assert ratio([1.0, 3.0], [0.0, 1.5]) == 2.0
    assert ratio([1.0], [0.0]) is None


def test_a_comparison_shows_medians_and_ratios_to_the_limit() -> None:
    rounds = {
        "chat, µs": {"nginx": [10.0, 12.0, 11.0], "proxy": [30.0, 36.0, 22.0]},
        "memory, MB": {"nginx": [], "proxy": [114.0]},
    }
    assert comparison(rounds, "nginx").splitlines() == [
        "| figure (median) | nginx | proxy | proxy / nginx |",
        "|---|---|---|---|",
        "| chat, µs | 11 | 30 | 3.00 |",
        "| memory, MB | - | 114 | - |",
    ]


def test_growth_that_is_faster_than_its_size_stands_out() -> None:
    linear, square = Point(10, 10, 20e-6), Point(100, 100, 2e-3)
    assert growth("chunks", "chunk", [Point(1, 1, 4e-6), linear, square]).splitlines() == [
        "| chunks | CPU, µs a chunk | / first | / row before |",
        "|---|---|---|---|",
        "| 1 | 4 | 1.00 | 1.00 |",
        "| 10 | 2 | 0.50 | 0.50 |",
        "| 100 | 20 | 5.00 | 10.00 |",
    ]


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0344, "0.0344"), (9.999, "10"), (1.236, "1.24"), (12.34, "12.3"), (1645.4, "1,645")]
)
def test_a_number_has_about_three_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def test_a_table_is_markdown() -> None:
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n|---|---|\n| 1 | 2 |"
