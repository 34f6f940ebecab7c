import pytest

from argo_proxy.canonical.chat import UNCOUNTED, Reply, Text, ToolCall
from argo_proxy.canonical.collector import collect, tell
from argo_proxy.canonical.events import PartEnded, ReplyFinished, TextDelta, TextStarted
from argo_proxy.transforms.call_stage import CallStage
from argo_proxy.transforms.prompted_tools.words import spelling
from tests.transforms.staged import in_pieces, passed, reply

CALL = '<tool_call>{"name": "f", "arguments": {"x": 1}}</tool_call>'
MADE = ToolCall("", "f", '{"x": 1}')


def told(*pieces: str, reason: str = "stop") -> Reply:
    return collect(passed(CallStage(spelling()), in_pieces(pieces, reason)))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("hello", ["hello"]),
        (" hello\n", [" hello\n"]),
        (" \n", [" \n"]),
        ("", []),
        ("see <tool_call>x", ["see <tool_call>x"]),
        (CALL, [MADE]),
        (f"\n{CALL}\n\n{CALL}\n", [MADE, MADE]),
        (f"Look: {CALL}", ["Look: ", MADE]),
        (f"{CALL}\n\nSo", [MADE, "\n\nSo"]),
        (f"a{CALL}b{CALL}", ["a", MADE, "b", MADE]),
        (f"a{CALL}\n<tool_result>made up</tool_result>\nSo", ["a", MADE]),
        (f"<tool_call>{{'a': {CALL}<tool_result> b", ["<tool_call>{'a': ", MADE]),
    ],
)
def test_calls_in_the_text_become_calls(text: str, parts: list[Text | ToolCall | str]) -> None:
    reason = "tool_calls" if MADE in parts else "stop"
    assert told(text) == reply(*parts, reason=reason)
    assert told(*text) == reply(*parts, reason=reason)


@pytest.mark.parametrize("text", ["cut of", f"a{CALL}", f"a{CALL}<tool_call>{{"])
def test_an_answer_that_was_cut_off_stays_one(text: str) -> None:
    assert told(text, reason="length").reason == "length"


def test_a_made_up_result_ends_the_answer_at_once() -> None:
    stage = CallStage(spelling())
    stage.feed(TextStarted())
    assert isinstance(stage.feed(TextDelta(f"{CALL}<tool_result"))[-1], ReplyFinished)


def test_text_is_passed_on_as_it_comes() -> None:
    stage = CallStage(spelling())
    assert [stage.feed(event) for event in in_pieces(["so ", "it <tool", "_box", "> is"])[1:-1]] == [
        (), (TextStarted(), TextDelta("so ")), (TextDelta("it "),), (TextDelta("<tool_box"),), (TextDelta("> is"),),
        (PartEnded(),),
    ]  # fmt: skip


def test_texts_in_several_parts_stay_in_several() -> None:
    pieces = in_pieces(["a"])
    assert collect(passed(CallStage(spelling()), [*pieces[:-1], *in_pieces([f"b{CALL}"])[1:]])) == reply(
        "a", "b", MADE, reason="tool_calls"
    )


def test_calls_that_are_made_properly_pass_beside_those_in_the_text() -> None:
    said = Reply((Text(f"one {CALL}"), ToolCall("call_9", "g", "{}"), Text("two")), "tool_calls", UNCOUNTED)
    found = collect(passed(CallStage(spelling()), tell(said)))
    assert found.parts == (Text("one "), MADE, ToolCall("call_9", "g", "{}"), Text("two"))
