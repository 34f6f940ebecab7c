import pytest

from argo_proxy.canonical.chat import UNCOUNTED, Reply, Text, Usage
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import (
    Collector,
    Event,
    GrammarError,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
    collect,
)

FAILED = ReplyFailed(UpstreamError("it broke off"))
DONE = ReplyFinished("stop", UNCOUNTED)
PART: tuple[Event, ...] = (TextStarted(), TextDelta("a"), TextDelta("b"), PartEnded())


def test_a_reply_is_the_text_of_its_parts_and_what_its_end_tells() -> None:
    usage = Usage(3, 2, estimated=False)
    assert collect((ReplyStarted(), *PART, ReplyFinished("length", usage))) == Reply((Text("ab"),), "length", usage)


def test_an_answer_may_have_no_part_or_many_or_an_empty_one() -> None:
    assert collect((ReplyStarted(), DONE)).text == ""
    assert collect((ReplyStarted(), *PART, TextStarted(), PartEnded(), *PART, DONE)).text == "abab"


@pytest.mark.parametrize("length", range(1 + len(PART)))
def test_a_reply_that_broke_off_raises_its_own_error(length: int) -> None:
    with pytest.raises(UpstreamError, match="it broke off"):
        collect((ReplyStarted(), *PART[:length], FAILED))


def test_a_reply_may_fail_before_it_starts() -> None:
    with pytest.raises(UpstreamError, match="it broke off"):
        collect((FAILED,))


@pytest.mark.parametrize(
    "events",
    [
        (TextStarted(),),
        (DONE,),
        (TextDelta("a"),),
        (PartEnded(),),
        (ReplyStarted(), ReplyStarted()),
        (ReplyStarted(), TextDelta("a")),
        (ReplyStarted(), PartEnded()),
        (ReplyStarted(), TextStarted(), TextStarted()),
        (ReplyStarted(), TextStarted(), DONE),
        (ReplyStarted(), *PART, TextDelta("c")),
        (ReplyStarted(), DONE, DONE),
        (ReplyStarted(), DONE, ReplyStarted()),
        (ReplyStarted(), DONE, TextStarted()),
        (ReplyStarted(), DONE, FAILED),
    ],
)
def test_an_event_out_of_place_is_a_defect_of_the_proxy(events: tuple[Event, ...]) -> None:
    collector = Collector()
    for event in events[:-1]:
        collector.feed(event)
    with pytest.raises(GrammarError, match="out of place"):
        collector.feed(events[-1])


def test_a_reply_without_an_end_is_a_defect_of_the_proxy() -> None:
    with pytest.raises(GrammarError, match="no end"):
        collect((ReplyStarted(), *PART))
