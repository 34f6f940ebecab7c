"""Who follows a response may come early, late or again, and gets every event once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from argo_proxy.canonical.collector import tell
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import Event, ReplyFailed
from argo_proxy.web.run import Run
from tests.gateway.loopback import run_on_asyncio, turns
from tests.web.background_scene import REPLY, prepared

EVENTS: list[Event] = list(tell(REPLY))


def begun() -> Run:
    return Run(prepared(), "me", "1a")


def completed() -> Run:
    run = begun()
    run.hear(EVENTS)
    run.conclude()
    run.end()
    return run


async def followed(run: Run, number: int = 0) -> list[Any]:
    frames = b"".join([data async for data in run.events_from(number)]).decode()
    return [json.loads(frame.partition("data: ")[2]) for frame in frames.split("\n\n")[:-1]]


def numbers(events: list[Any]) -> list[int]:
    return [event["sequence_number"] for event in events]


def test_who_comes_late_gets_all_events() -> None:
    events = run_on_asyncio(followed(completed()))
    assert [event["type"] for event in events[:3]] == ["response.created", "response.queued", "response.in_progress"]
    assert events[-1]["type"] == "response.completed"
    assert numbers(events) == list(range(len(events)))


@pytest.mark.parametrize("start", [1, 5, 16])
def test_who_starts_in_the_middle_gets_the_rest(start: int) -> None:
    run = completed()
    assert run_on_asyncio(followed(run, start)) == run_on_asyncio(followed(run))[start:]


def test_who_starts_after_the_end_gets_nothing() -> None:
    assert run_on_asyncio(followed(completed(), 999_999_999)) == []


def test_all_who_follow_get_each_event_as_it_comes() -> None:
    async def play() -> list[list[Any]]:
        run = begun()
        following = [asyncio.ensure_future(followed(run, start)) for start in (0, 0, 4)]
        for event in EVENTS:
            run.hear([event])
            await turns(2)
        assert not any(each.done() for each in following)
        run.conclude()
        run.end()
        return await asyncio.gather(*following)

    first, second, third = run_on_asyncio(play())
    assert numbers(first) == list(range(len(first)))
    assert (second, third) == (first, first[4:])


def test_the_last_event_is_told_when_the_response_is_kept() -> None:
    run = begun()
    run.hear(EVENTS)
    run.conclude()
    assert (run.response.status, len(run.response.output)) == ("completed", 2)
    run.end()
    assert run_on_asyncio(followed(run))[-1]["response"]["completed_at"] == run.response.completed_at


def test_a_failure_is_raised_and_then_told_once() -> None:
    run = begun()
    with pytest.raises(UpstreamError, match="gone"):
        run.hear([ReplyFailed(UpstreamError("gone"))])
    run.fail(UpstreamError("gone"))
    run.end()
    events = run_on_asyncio(followed(run))
    assert [event["type"] for event in events] == ["response.created", "response.queued", "response.failed"]


def test_a_cancelled_response_ends_without_a_word() -> None:
    run = begun()
    run.cancel()
    run.end()
    assert run.response.status == "cancelled"
    assert len(run_on_asyncio(followed(run))) == 2
