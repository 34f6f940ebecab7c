"""Laws of finding calls in text."""

import json
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from argo_proxy.canonical.chat import ToolCall
from argo_proxy.canonical.collector import collect
from argo_proxy.canonical.events import TextDelta, ToolCallStarted
from argo_proxy.transforms.call_stage import CallStage
from argo_proxy.transforms.embedded_calls import CallFinder, Found, Spelling
from argo_proxy.transforms.leaked_calls import read_call
from argo_proxy.transforms.overlap import overlap
from argo_proxy.transforms.prompted_tools.words import spelling
from tests.laws.strategies import cuts, law, places
from tests.transforms.staged import in_pieces, passed

TAGGED = spelling()
BARE = Spelling("{", partial(read_call, {"f", "g"}))
both = pytest.mark.parametrize("spelled", [TAGGED, BARE], ids=["tagged", "bare"])

OPENING, CLOSING = "<tool_call>", "</tool_call>"
WRITTEN = '{"name": "f", "arguments": {"x": "}</tool_call>`\\""}}'
LEAKED = "{'id': 'toolu_1', 'input': {'x': 'a\nb'}, 'name': 'g', 'type': 'tool_use'}"
words = ["so ", "\n", "`", "``", "```", "~~~\n", "{", "}", "[", "'", '"', ":", ",", "1", "\\", "<", "é🦜", "  ", "`x`"]
tags = [OPENING, CLOSING, "<tool_result>", "<tool_", "</tool", OPENING + "\n"]
calls = [WRITTEN, LEAKED, f"{OPENING}{WRITTEN}{CLOSING}", f"{OPENING}\n[{WRITTEN},\n{WRITTEN}]\n{CLOSING}"]
cut_off = [WRITTEN[:-1], LEAKED[:-5], '{"a": ', "{'name': 'f'"]
texts = st.lists(st.sampled_from([*words, *tags, *calls, *cut_off]), max_size=20).map("".join)
prose = st.lists(st.sampled_from([*words, *tags, *cut_off]), max_size=20).map("".join)


shown = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)


def find(spelled: Spelling, pieces: list[str]) -> tuple[list[list[Found]], list[Found]]:
    """What each piece brings, and what the end does."""
    finder = CallFinder(spelled)
    return [list(finder.feed(piece)) for piece in pieces], list(finder.finish())


def merged(found: list[Found]) -> list[object]:
    """Texts in one where nothing is between them."""
    out: list[object] = []
    for piece in found:
        if out and isinstance(piece, str) and isinstance(out[-1], str):
            out[-1] += piece
        else:
            out.append(piece)
    return out


def whole(spelled: Spelling, pieces: list[str]) -> list[object]:
    fed, rest = find(spelled, pieces)
    return merged([*(found for brought in fed for found in brought), *rest])


@both
@law
@given(text=texts, at=places)
@example(text=f"{OPENING}{WRITTEN} </tool", at=[3])
def test_what_is_found_does_not_depend_on_the_cuts(spelled: Spelling, text: str, at: list[int]) -> None:
    assert whole(spelled, cuts(text, at)) == whole(spelled, [text]) == whole(spelled, list(text))


@both
@law
@given(text=texts | prose, at=places)
def test_a_text_without_calls_comes_out_to_the_letter(spelled: Spelling, text: str, at: list[int]) -> None:
    found = whole(spelled, cuts(text, at))
    if all(isinstance(piece, str) for piece in found):
        assert "".join(map(str, found)) == text


@both
@law
@given(text=texts)
def test_only_calls_are_taken_out_and_the_rest_keeps_its_order(spelled: Spelling, text: str) -> None:
    at, rest = 0, text.replace(CLOSING, "")
    for piece in whole(spelled, [text]):
        if isinstance(piece, str):
            shown = piece.replace(CLOSING, "")
            at = rest.index(shown, at) + len(shown)
        else:
            at = rest.index(spelled.opening, at)


@both
@law
@given(text=st.text("<tol_calrsu/>{}' x", max_size=40), at=places)
def test_nothing_waits_but_what_may_become_a_call(spelled: Spelling, text: str, at: list[int]) -> None:
    finder = CallFinder(spelled)
    fed = passed_on = ""
    for piece in cuts(text, at):
        fed += piece
        passed_on += "".join(found for found in finder.feed(piece) if isinstance(found, str))
        waiting = fed[len(passed_on) :]
        assert fed.startswith(passed_on)
        assert not waiting or waiting.startswith(spelled.opening) or overlap(waiting, spelled.markers) == len(waiting)


@law
@given(
    said=st.text("abc \n", max_size=10),
    arguments=st.dictionaries(shown, shown | st.integers(), max_size=3),
    at=places,
)
def test_a_call_in_prose_is_made_as_it_is_written(said: str, arguments: dict[str, object], at: list[int]) -> None:
    call = {"id": "toolu_1", "input": arguments, "name": "f", "type": "tool_use"}
    leaked = f"{said}{call}"
    found = whole(BARE, cuts(leaked, at))
    assert [piece for piece in found if isinstance(piece, str)] == ([said] if said else [])
    [[made]] = [piece for piece in found if isinstance(piece, tuple)]
    assert isinstance(made, ToolCall)
    assert (made.call_id, made.name, json.loads(made.arguments)) == ("toolu_1", "f", arguments)


@both
@law
@given(text=texts, at=places)
def test_the_stage_keeps_to_the_grammar_and_ends_once(spelled: Spelling, text: str, at: list[int]) -> None:
    events = passed(CallStage(spelled), in_pieces(cuts(text, at)))
    told = collect(events)
    assert told == collect(passed(CallStage(spelled), in_pieces([text])))
    assert all(event.text for event in events if isinstance(event, TextDelta))
    called = any(isinstance(event, ToolCallStarted) for event in events)
    assert told.reason == ("tool_calls" if called else "stop")
    assert called or told.text == text
