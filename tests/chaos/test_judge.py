"""A judge who finds everything good would prove nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.endings import Told
from tests.chaos.faults import FAULTS, NOTHING, PASSED_STREAM, STREAMED, WHOLE, Fault
from tests.chaos.judge import RETRIES, Request, count_verdict, verdict
from tests.chaos.kinds import KINDS, Kind


def fault(name: str, hit: str) -> Fault:
    return next(fault for fault in FAULTS if fault.name == name and hit in fault.hits)


def kind(name: str) -> Kind:
    return next(kind for kind in KINDS if kind.name == name)


def asked(name: str, hit_by: Fault = NOTHING) -> Request:
    return Request(7, kind(name), hit_by, "argo:gpt-4o", "some words")


CUT = asked("chat stream", fault("drop in the middle", STREAMED))
PREFIX = f"You said: {CUT.prompt}"[:36]
BROKEN = Told(200, PREFIX, (), "error", "connection_lost", "upstream_error")
REFUSED = Told(503, "", (), "error", "service_unavailable", "upstream_error")
RIGHT = Told(200, f"You said: {asked('chat').prompt}")
HELD = asked("chat stream with tools", fault("503", WHOLE))
PASSED = asked("passed chat stream", fault("drop in the middle", PASSED_STREAM))


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (asked("chat"), RIGHT),
        (asked("chat with tools"), Told(200, "", (("time", "Zürich 7"),))),
        (asked("chat", fault("503", WHOLE)), REFUSED),
        (HELD, REFUSED),
        (HELD, replace(REFUSED, status=200)),
        (CUT, BROKEN),
        (asked("response stream", CUT.fault), replace(BROKEN, code="server_error", kind=None)),
        (PASSED, Told(200, f"You said: {PASSED.prompt}"[:36], (), "cut")),
    ],
)
def test_what_must_be_is_good(request_: Request, told: Told) -> None:
    assert verdict(request_, told) is None


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (asked("chat"), replace(RIGHT, text=RIGHT.text[:-1])),
        (asked("chat"), replace(RIGHT, text=RIGHT.text * 2)),
        (asked("chat"), replace(RIGHT, end="cut")),
        (asked("chat with tools"), Told(200, "", (("time", "Zürich 7"),) * 2)),
        (asked("chat", fault("503", WHOLE)), replace(REFUSED, status=502)),
        (asked("chat", fault("503", WHOLE)), replace(REFUSED, end="no error object")),
        (asked("chat stream", fault("503", STREAMED)), replace(REFUSED, status=200)),
        (HELD, replace(REFUSED, status=200, text="You")),
        (CUT, replace(BROKEN, text=PREFIX[:-1])),
        (CUT, replace(BROKEN, text=f"{PREFIX}x")),
        (CUT, replace(BROKEN, end="complete")),
        (CUT, replace(BROKEN, code="bad_answer")),
        (PASSED, Told(200, f"You said: {PASSED.prompt}"[:36])),
    ],
)
def test_what_must_not_be_is_told(request_: Request, told: Told) -> None:
    assert verdict(request_, told)


def test_calls_are_counted_to_the_last_one() -> None:
    assert count_verdict(CUT, 1) is None
    assert count_verdict(CUT, 2)
    assert count_verdict(CUT, 0)
    assert count_verdict(HELD, 1 + RETRIES) is None
    assert count_verdict(HELD, 2 + RETRIES)
