"""To whom the profiler's figures are put down."""

from __future__ import annotations

import pytest
from benchmarks.attribution import Cost, Function, Profile, by_function, by_layer, each, grown, layer_of

WRITE: Function = ("/site/argo_proxy/web/client.py", 67, "write")
COUNT: Function = ("/site/argo_proxy/tokens.py", 50, "count")
JOIN: Function = ("~", 0, "<method 'join' of 'bytes' objects>")
RUN: Function = ("/python/asyncio/runners.py", 86, "run")
PROFILE: Profile = {
    RUN: (1, 1, 9.0, 10.0, {}),
    WRITE: (3, 3, 0.3, 0.9, {RUN: (3, 3, 0.3, 0.9)}),
    COUNT: (2, 2, 0.2, 0.2, {WRITE: (2, 2, 0.2, 0.2)}),
    JOIN: (5, 5, 0.5, 0.5, {WRITE: (4, 4, 0.4, 0.4), COUNT: (1, 1, 0.1, 0.1)}),
}


@pytest.mark.parametrize(
    ("function", "layer"),
    [
        (WRITE, "web"),
        (COUNT, "tokens"),
        (JOIN, None),
        (RUN, "asyncio"),
        (("~", 0, "<method 'decode' of 'msgspec.json.Decoder' objects>"), "msgspec"),
        (("~", 0, "<built-in method _asyncio.get_running_loop>"), "asyncio"),
        (("/python/json/decoder.py", 1, "decode"), "others"),
    ],
)
def test_a_function_belongs_to_a_layer_a_library_or_its_caller(function: Function, layer: str | None) -> None:
    assert layer_of(function) == layer


def test_what_is_built_in_is_put_down_to_its_callers_and_waiting_to_nobody() -> None:
    costs = by_layer(grown(PROFILE, {}))
    assert costs == {"web": Cost(3 + 4, pytest.approx(0.7)), "tokens": Cost(2 + 1, pytest.approx(0.3))}


def test_what_the_warm_up_took_is_taken_off_also_from_callers() -> None:
    more: Profile = {
        COUNT: (9, 9, 0.9, 0.9, {}),
        WRITE: (3, 3, 7.0, 7.0, {}),
        JOIN: (9, 9, 0.9, 0.9, {WRITE: (4, 4, 7.0, 7.0), COUNT: (5, 5, 0.5, 0.5)}),
    }
    assert by_layer(grown(more, PROFILE)) == {"tokens": Cost(7 + 4, pytest.approx(0.7 + 0.4))}


def test_functions_are_told_with_their_place() -> None:
    assert list(by_function(PROFILE))[1:] == ["web/client.py:67 write", "argo_proxy/tokens.py:50 count", JOIN[2]]


def test_the_dearest_come_first_for_one_unit() -> None:
    assert list(each({"web": Cost(10, 1.0), "relay": Cost(5, 2.0)}, 2).items()) == [
        ("relay", Cost(2.5, 1.0)),
        ("web", Cost(5, 0.5)),
    ]
