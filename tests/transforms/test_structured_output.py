import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_proxy.canonical.chat import ChatRequest, JsonOutput, Message, Reply, Text, ToolCall
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.canonical.spokes import Mismatch
from argo_proxy.transforms import structured_output
from argo_proxy.transforms.literals import LiteralReader
from argo_proxy.transforms.structured_output import MAX_SCHEMA_BYTES, transform
from tests.known import card
from tests.laws.strategies import law
from tests.laws.test_literals import containers
from tests.transforms.staged import reply

HI = Message("user", (Text("hi"),))
POINTS = JsonOutput(
    {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"], "additionalProperties": False}
)
ANY = JsonOutput()
LONG = 30_000


def checked(answer: Reply | str, output: JsonOutput = POINTS) -> Reply:
    check = transform(ChatRequest("x", (HI,), output=output), card("gpt4o")).check
    assert check is not None
    return check(reply(answer) if isinstance(answer, str) else answer)


def complaint(answer: str, output: JsonOutput = POINTS) -> str:
    """What the model is told, which the client is told too."""
    with pytest.raises(Mismatch) as caught:
        checked(answer, output)
    assert (caught.value.error.http_status, caught.value.error.http_code) == (502, "invalid_output")
    problem = caught.value.complaint.partition(": ")[2].partition(". Answer again")[0]
    assert caught.value.error.message.endswith(problem)
    return problem


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ('{"x": 1}', '{"x": 1}'),
        (' \n{"x": 1}\n', '{"x": 1}'),
        ('```json\n{"x": 1}\n```', '{"x": 1}'),
        ('Here it is:\n\n{"x":\n1}\n\nThat is all {so far}.', '{"x":\n1}'),
        ("{'x': 1,}", '{"x": 1}'),
        ('[0] {"y": 1} {"x": "1"} {"x": 1} {"x": 2}', '{"x": 2}'),
        ('{"x": 1e999} {"x": 1}', '{"x": 1}'),
        ('{{"x": 1}', '{"x": 1}'),
        ('the set {1, 2} and [a link] then {"x": 1}', '{"x": 1}'),
    ],
)
def test_the_json_that_fits_is_found_in_the_answer(answer: str, text: str) -> None:
    assert checked(answer) == reply(text)


@pytest.mark.parametrize("answer", ['{"a": [1]}', "{}", "So: {'a': None}"])
def test_without_a_schema_any_object_will_do(answer: str) -> None:
    assert isinstance(json.loads(checked(answer, ANY).text), dict)
    assert complaint("[1]", ANY) == "at $: [1] is not of type 'object'"


@pytest.mark.parametrize(
    ("answer", "schema"), [("5", {"type": "integer"}), ('"a"', {"type": "string"}), ("true", {}), ("[[1]]", {})]
)
def test_the_whole_answer_may_be_any_json(answer: str, schema: dict[str, object]) -> None:
    assert checked(answer, JsonOutput(schema)) == reply(answer)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("", "it holds no JSON"),
        ("I cannot", "it holds no JSON"),
        ('{"x": 1', "it holds no JSON"),
        ("[1e999]", "it holds no JSON"),
        ("9" * 5000, "it holds no JSON"),
        ('{"x": "1"}', "at $.x: '1' is not of type 'integer'"),
        ('{"y": 1} or {"x": []}', "at $.x: [] is not of type 'integer'"),
        ('{"x": 1} [0] [1] [2] [3] [4] [5] [6] [7]', "at $: [7] is not of type 'object'"),
    ],
)
def test_what_does_not_fit_is_complained_of(answer: str, problem: str) -> None:
    assert complaint(answer) == problem


@pytest.mark.parametrize(
    "answer",
    ["[" * LONG, '{"a":' * (LONG // 5), '{"a":' * 95 + "[" + "1," * (LONG // 2), "[1]" + "[0,[1," * (LONG // 6)],
)
def test_hostile_answers_are_complained_of_with_work_that_has_an_end(
    answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0

    class Counted(LiteralReader):
        def feed(self, text: str, at: int = 0) -> int:
            nonlocal read
            end = super().feed(text, at)
            read += end - at
            return end

    monkeypatch.setattr(structured_output, "LiteralReader", Counted)
    monkeypatch.setattr(structured_output, "PATIENCE_CHARS", 100_000)
    assert complaint(answer) in ("it holds no JSON", "at $: [1] is not of type 'object'")
    assert read <= 100_000 + 2 * len(answer)


def test_what_is_nested_too_deeply_is_tried_where_it_is_not() -> None:
    assert complaint("[" * 5000 + "]" * 5000).startswith("at $: [[[[")


@pytest.mark.parametrize(
    "answer",
    [
        reply("look", ToolCall("call_1", "f", "{}"), reason="tool_calls"),
        reply(ToolCall("call_1", "f", "{}")),
        reply('{"x": ', reason="length"),
        reply("sorry", reason="content_filter"),
    ],
)
def test_an_answer_that_calls_or_was_cut_off_is_left_as_it_is(answer: Reply) -> None:
    assert checked(answer) is answer


def test_an_answer_in_several_parts_is_one_text() -> None:
    assert checked(reply('{"x"', ": 1}")) == reply('{"x": 1}')


def test_the_model_is_told_what_to_answer() -> None:
    output = JsonOutput({"properties": {"{x}": {}}}, description="A point {x}.")
    told = transform(ChatRequest("x", (HI,), output=output), card("gpt4o")).request
    assert told.messages[1:] == (HI,)
    assert told.messages[0].role == "system"
    assert told.messages[0].text.endswith('JSON Schema:\n{"properties":{"{x}":{}}}\nA point {x}.')
    plain = transform(ChatRequest("x", (HI,), output=JsonOutput({})), card("gpt4o")).request
    assert plain.messages[0].text.endswith("JSON Schema:\n{}")
    free = transform(ChatRequest("x", (HI,), output=ANY), card("gpt4o")).request
    assert free.messages[0].text.startswith("Answer with one JSON object and nothing else")


def test_requests_for_text_pass() -> None:
    request = ChatRequest("x", (HI,))
    done = transform(request, card("gpt4o"))
    assert done.request is request
    assert (done.stage, done.check) == (None, None)


def test_what_is_no_schema_is_refused_before_the_model_is_asked() -> None:
    with pytest.raises(BadRequest) as caught:
        transform(ChatRequest("x", (HI,), output=JsonOutput({"type": 5}, param="text.format")), card("gpt4o"))
    assert caught.value.param == "text.format"


prose = st.text("ab .,:;\n`()", max_size=30)


@law
@given(value=containers, before=prose, after=prose, written=st.sampled_from([json.dumps, repr]))
def test_a_value_between_words_comes_out_as_it_is(value: object, before: str, after: str, written: object) -> None:
    assert callable(written)
    found = checked(f"{before}{written(value)}{after}", JsonOutput({}))
    assert json.loads(found.text) == value


def test_a_schema_that_is_too_long_is_refused_before_it_is_checked() -> None:
    long = JsonOutput({"type": 5, "description": "x" * MAX_SCHEMA_BYTES}, param="text.format")
    with pytest.raises(BadRequest, match=f"'text.format' is longer than {MAX_SCHEMA_BYTES} bytes") as caught:
        transform(ChatRequest("x", (HI,), output=long), card("gpt4o"))
    assert caught.value.param == "text.format"
