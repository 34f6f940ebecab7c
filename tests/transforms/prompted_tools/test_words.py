import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_proxy.canonical.chat import Image, Message, Text, ToolCall, ToolResult
from argo_proxy.canonical.collector import collect
from argo_proxy.transforms.call_stage import CallStage
from argo_proxy.transforms.prompted_tools.words import in_words, spelling
from tests.laws.strategies import law
from tests.transforms.staged import in_pieces, passed, staged

HI = Message("user", (Text("hi"),))
PICTURE = Image("image/png", "AAAA")


def read(written: str) -> list[ToolCall]:
    return list(staged(CallStage(spelling()), f"<tool_call>{written}</tool_call>").calls)


def test_calls_and_results_are_told_in_words() -> None:
    calls = (ToolCall("call_1", "f", '{"x": "é"}'), ToolCall("call_2", 'g"<', ""))
    results = (ToolResult("call_1", (Text("4"), PICTURE, Text("5"))), ToolResult("call_2", ()))
    asked, made, brought = in_words(
        (HI, Message("assistant", (Text("look"), Text(""), *calls), "bot"), Message("tool", results))
    )
    assert asked is HI
    assert (made.role, made.name) == ("assistant", "bot")
    assert made.text == (
        'look\n<tool_call>\n{"name":"f","arguments":{"x": "é"}}\n</tool_call>\n'
        '<tool_call>\n{"name":"g\\"<","arguments":""}\n</tool_call>'
    )
    assert brought == Message(
        "user",
        (
            Text('<tool_result name="f">\n4\n5\n</tool_result>'),
            PICTURE,
            Text('<tool_result name="g&quot;&lt;">\n\n</tool_result>'),
        ),
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [("{}", "{}"), ('{"a": [1, {}]}', '{"a": [1, {}]}'), ("5", "5"), ("{'a'", "\"{'a'\""), ("[" * 5000, None)],
)
def test_arguments_that_are_no_json_are_told_as_a_text(arguments: str, told: str | None) -> None:
    [made] = in_words((Message("assistant", (ToolCall("call_1", "f", arguments),)),))
    told = json.dumps(arguments) if told is None else told
    assert made.text == f'<tool_call>\n{{"name":"f","arguments":{told}}}\n</tool_call>'


@pytest.mark.parametrize(
    ("written", "arguments"),
    [
        ('{"name": "f", "arguments": {"x": 1.50}}', ['{"x": 1.50}']),
        ('{"name": "f"}', ["{}"]),
        ('{"name": "f", "arguments": null}', ["{}"]),
        ('{"name": "f", "arguments": ""}', ["{}"]),
        ('{"name": "f", "arguments": "{\\"x\\": 1}"}', ['{"x": 1}']),
        ('{"name": "f", "parameters": {"x": 1}}', ['{"x": 1}']),
        ('{"name": "f", "input": {"x": 1}}', ['{"x": 1}']),
        ('{"name": "f", "args": {"x": 1}, "why": "so"}', ['{"x": 1}']),
        ('{"name": "f", "arguments": null, "input": {"x": 1}}', ['{"x": 1}']),
        ("{'name': 'f', 'arguments': {'x': True, 'y': 'it\\'s'}}", ['{"x": true, "y": "it\'s"}']),
        ('{"name": "f", "arguments": {"x": "two\nlines"}}', ['{"x": "two\\nlines"}']),
        ('{"name": "f", "arguments": "two\nlines"}', ["two\nlines"]),
        ('{"name": "f", "arguments": {"x": 1,},}', ['{"x": 1}']),
        ('{"name": "f", "arguments": {"x": "\\ud83e\\udd9c"}}', ['{"x": "\\ud83e\\udd9c"}']),
        ('{"name": "f", "arguments": "\\ud800"}', ["�"]),
        ('{"name": "f", "arguments": {"x": "}</tool_call>{"}}', ['{"x": "}</tool_call>{"}']),
        ('{"type": "function", "function": {"name": "f", "arguments": "{}"}}', ["{}"]),
        ('[{"name": "f", "arguments": {}}, {"name": "f", "args": {"x": 1}}]', ["{}", '{"x": 1}']),
    ],
)
def test_calls_are_read_as_models_write_them(written: str, arguments: list[str]) -> None:
    assert read(written) == [ToolCall("", "f", text) for text in arguments]


@pytest.mark.parametrize(
    "written",
    [
        "{}",
        '{"function": {}}',
        "[]",
        "[1]",
        '{"name": 5}',
        '{"x": {"name": "f"}}',
        '[{"name": "f"}, 5]',
        '{"name": null}',
        "f()",
    ],
)
def test_what_is_no_call_is_left_alone(written: str) -> None:
    assert read(written) == []


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
plain = st.none() | st.booleans() | st.integers(-9, 9) | st.text(st.characters(exclude_categories=["Cs"]), max_size=15)
arguments = st.dictionaries(names, plain | st.lists(plain, max_size=2), max_size=4)


@law
@given(made=st.lists(st.tuples(names, arguments), min_size=1, max_size=3), spaced=st.booleans())
def test_what_the_model_is_shown_of_its_calls_is_read_as_the_same_calls(
    made: list[tuple[str, dict[str, object]]], spaced: bool
) -> None:
    calls = [ToolCall("", name, json.dumps(given_, indent=2 if spaced else None)) for name, given_ in made]
    [told] = in_words((Message("assistant", tuple(calls)),))
    assert list(collect(passed(CallStage(spelling()), in_pieces(list(told.text)))).calls) == calls
