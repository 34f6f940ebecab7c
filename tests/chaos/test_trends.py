from __future__ import annotations

import pytest

from tests.chaos.trends import Sample, percentile, slope, table, trends


def samples(*, memory_grows: float = 0, files_grow: float = 0, latency_grows: float = 0) -> list[Sample]:
    """Of forty minutes, with some noise; what grows does so by this in all."""
    return [
        Sample(
            minute,
            minute * 100,
            150 + minute % 3 + memory_grows * minute / 40,
            round(40 + minute % 5 + files_grow * minute / 40),
            4 + minute % 2 + latency_grows * minute / 40,
            9.0,
            20.0,
        )
        for minute in range(40)
    ]


def test_noise_is_no_growth() -> None:
    assert all(trend.flat for trend in trends(samples()))


@pytest.mark.parametrize(
    ("grown", "name"),
    [({"memory_grows": 12}, "memory"), ({"files_grow": 20}, "open files"), ({"latency_grows": 8}, "median latency")],
)
def test_what_grows_is_found(grown: dict[str, float], name: str) -> None:
    (found,) = [trend for trend in trends(samples(**grown)) if not trend.flat]
    assert found.name.startswith(name)
    assert str(found).endswith("NOT FLAT")


def test_growth_at_the_start_does_not_count() -> None:
    warm = [
        Sample(each.minute, each.requests, each.memory_mb - max(0, 9 - each.minute) * 5, each.files, 5, 9, 20)
        for each in samples()
    ]
    assert all(trend.flat for trend in trends(warm))


def test_the_line_through_points_has_their_slope() -> None:
    assert slope([0, 1, 2], [1, 3, 5]) == pytest.approx(2)
    assert slope([1], [5]) == 0


def test_a_burst_of_noise_has_no_weight() -> None:
    assert slope(range(10), [5] * 8 + [500] * 2) == 0


def test_percentiles_are_values_that_were() -> None:
    assert [percentile(range(100), share) for share in (0.5, 0.95, 0.99)] == [50, 95, 99]
    assert percentile([], 0.5) == 0


def test_the_table_has_a_row_for_each_sample() -> None:
    assert table(samples()[:2]).splitlines()[2:] == [
        "| 0.0 | 0 | 150.0 | 40 | 4.0 | 9.0 | 20.0 |",
        "| 1.0 | 100 | 151.0 | 41 | 5.0 | 9.0 | 20.0 |",
    ]
