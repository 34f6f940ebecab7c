import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from argo_proxy.canonical.chat import UNCOUNTED, Reply, Text, ToolCall, Usage
from argo_proxy.canonical.collector import Collector, GrammarError, collect, tell
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import (
    ArgumentsDelta,
    Event,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
    ToolCallStarted,
)
from tests.laws.strategies import law, text

FAILED = ReplyFailed(UpstreamError("it broke off"))
DONE = ReplyFinished("stop", UNCOUNTED)
PART: tuple[Event, ...] = (TextStarted(), TextDelta("a"), TextDelta("b"), PartEnded())
CALLED = ToolCallStarted("call_1", "f")
CALL: tuple[Event, ...] = (CALLED, ArgumentsDelta("{"), ArgumentsDelta("}"), PartEnded())

replies = st.builds(
    Reply,
    st.lists(st.builds(Text, text) | st.builds(ToolCall, text, text, text), max_size=6).map(tuple),
    st.sampled_from(["stop", "length", "tool_calls", "content_filter"]),
    st.builds(Usage, st.integers(0, 99), st.integers(0, 99), estimated=st.booleans()),
)


def test_a_reply_is_the_text_of_its_parts_and_what_its_end_tells() -> None:
    usage = Usage(3, 2, estimated=False)
    assert collect((ReplyStarted(), *PART, ReplyFinished("length", usage))) == Reply((Text("ab"),), "length", usage)


def test_an_answer_may_have_no_part_or_many_or_an_empty_one() -> None:
    assert collect((ReplyStarted(), DONE)).text == ""
    assert collect((ReplyStarted(), *PART, TextStarted(), PartEnded(), *PART, DONE)).text == "abab"


def test_texts_and_calls_keep_their_order() -> None:
    call = ToolCall("call_1", "f", "{}")
    empty = ToolCall("", "g", "")
    events = (ReplyStarted(), *PART, *CALL, ToolCallStarted("", "g"), PartEnded(), *PART, DONE)
    assert collect(events) == Reply((Text("ab"), call, empty, Text("ab")), "stop", UNCOUNTED)


@law
@given(reply=replies)
@example(reply=Reply((), "stop", UNCOUNTED))
@example(reply=Reply((Text(""), ToolCall("", "", "")), "stop", UNCOUNTED))
def test_what_is_told_of_a_reply_adds_up_to_it(reply: Reply) -> None:
    events = tell(reply)
    assert collect(events) == reply
    assert all(event.text for event in events if isinstance(event, TextDelta | ArgumentsDelta))


@pytest.mark.parametrize("part", [PART, CALL], ids=["text", "call"])
@pytest.mark.parametrize("length", range(1 + len(PART)))
def test_a_reply_that_broke_off_raises_its_own_error(part: tuple[Event, ...], length: int) -> None:
    with pytest.raises(UpstreamError, match="it broke off"):
        collect((ReplyStarted(), *part[:length], FAILED))


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
        (CALLED,),
        (ReplyStarted(), ArgumentsDelta("{")),
        (ReplyStarted(), CALLED, TextDelta("a")),
        (ReplyStarted(), TextStarted(), ArgumentsDelta("{")),
        (ReplyStarted(), CALLED, CALLED),
        (ReplyStarted(), CALLED, TextStarted()),
        (ReplyStarted(), TextStarted(), CALLED),
        (ReplyStarted(), CALLED, DONE),
        (ReplyStarted(), *CALL, ArgumentsDelta("{")),
        (ReplyStarted(), *CALL, PartEnded()),
        (ReplyStarted(), *CALL, DONE, CALLED),
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
