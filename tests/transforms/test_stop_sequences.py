import pytest

from argo_proxy.canonical.chat import UNCOUNTED
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import (
    Events,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
    ToolCallStarted,
)
from argo_proxy.transforms.stop_sequences import StopStage

STOPPED: Events = (PartEnded(), ReplyFinished("stop", UNCOUNTED))


def fed(stage: StopStage, *texts: str) -> list[str]:
    """What is passed on for each text; a `|` where the answer is ended."""
    return ["".join(shown(stage.feed(TextDelta(text)))) for text in texts]


def shown(events: Events) -> list[str]:
    return [event.text if isinstance(event, TextDelta) else "|" for event in events if event not in STOPPED[:1]]


def test_the_answer_ends_before_the_stop_sequence() -> None:
    assert StopStage(("END",)).feed(TextDelta("so it is. END of it")) == (TextDelta("so it is. "), *STOPPED)


def test_an_answer_that_begins_with_the_stop_sequence_is_empty() -> None:
    assert StopStage(("END",)).feed(TextDelta("END")) == STOPPED


def test_a_stop_sequence_may_come_in_pieces() -> None:
    assert fed(StopStage(("END",)), "so E", "N", "D it is") == ["so ", "", "|"]


def test_what_only_began_like_one_is_passed_on_at_once() -> None:
    assert fed(StopStage(("END",)), "so E", "NT", "EN", "EN", "x") == ["so ", "ENT", "", "EN", "ENx"]


def test_nothing_waits_that_cannot_become_one() -> None:
    assert fed(StopStage(("END", "\n\n")), "plain ", "words\n", "more") == ["plain ", "words", "\nmore"]


def test_what_waits_at_the_end_of_the_answer_is_passed_on() -> None:
    stage = StopStage(("END",))
    stage.feed(TextDelta("the EN"))
    assert stage.feed(PartEnded()) == (TextDelta("EN"), PartEnded())
    assert stage.feed(PartEnded()) == (PartEnded(),)


def test_of_several_the_earliest_ends_the_answer() -> None:
    assert fed(StopStage(("b", "a")), "xxaxb") == ["xx|"]


@pytest.mark.parametrize("texts", [("xabc",), ("xa", "bc"), ("xab", "c"), ("x", "a", "b", "c")])
def test_a_longer_one_that_began_earlier_wins_however_it_is_cut(texts: tuple[str, ...]) -> None:
    assert "".join(fed(StopStage(("b", "abc")), *texts)) == "x|"


def test_a_shorter_one_wins_when_the_longer_one_does_not_come_true() -> None:
    assert fed(StopStage(("b", "abc")), "xab", "d") == ["x", "a|"]


def test_a_shorter_one_wins_when_the_answer_ends_first() -> None:
    stage = StopStage(("b", "abc"))
    assert fed(stage, "xab") == ["x"]
    assert stage.feed(PartEnded()) == (TextDelta("a"), *STOPPED)


def test_everything_else_passes() -> None:
    stage = StopStage(("END",))
    for event in (ReplyStarted(), TextStarted(), PartEnded(), *STOPPED, ReplyFailed(UpstreamError("x"))):
        assert stage.feed(event) == (event,)


def test_an_answer_that_has_called_ends_with_its_calls() -> None:
    stage = StopStage(("END",))
    assert stage.feed(ToolCallStarted("call_1", "f")) == (ToolCallStarted("call_1", "f"),)
    assert stage.feed(TextDelta("END")) == (PartEnded(), ReplyFinished("tool_calls", UNCOUNTED))
