from __future__ import annotations

import pytest

from argo_proxy.gateway.retry import LONGEST_PAUSE_S, pause_s, seconds_in

NOW_S = 1_792_584_000.0  # Wed, 21 Oct 2026 12:00:00 GMT


def test_each_pause_is_about_twice_the_one_before() -> None:
    assert [pause_s(attempt, 0.5, None) for attempt in range(4)] == [0.5, 1.0, 2.0, 4.0]


def test_chance_keeps_clients_that_failed_together_apart() -> None:
    assert (pause_s(0, 0.0, None), pause_s(0, 1.0, None)) == (0.25, 0.75)


def test_what_the_gateway_asks_for_is_the_least() -> None:
    assert (pause_s(3, 0.0, 2.0), pause_s(0, 1.0, 2.0)) == (2.0, 2.2)
    assert pause_s(2, 0.7, 0.0) == 0.0


def test_a_long_pause_is_left_to_the_client() -> None:
    assert pause_s(0, 0.0, LONGEST_PAUSE_S) == LONGEST_PAUSE_S
    assert pause_s(0, 0.0, LONGEST_PAUSE_S + 1) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Wed, 21 Oct 2026 12:00:05 GMT", 5.0),
        ("Wed, 21 Oct 2026 11:00:00 GMT", 0.0),
        ("-3", None),
        ("1.5", 1.5),
        ("soon", None),
        ("\u0667", None),
        ("Wed, 99 Oct 2026 12:00:05 GMT", None),
        ("", None),
    ],
)
def test_a_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert seconds_in(header, NOW_S) == seconds
