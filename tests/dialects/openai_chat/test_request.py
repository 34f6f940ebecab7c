import pytest

from argo_proxy.canonical.chat import ChatRequest, JsonOutput, Message, Sampling, Text, ToolChoice
from argo_proxy.canonical.errors import BadRequest, Unsupported
from argo_proxy.dialects.openai_chat import parse
from argo_proxy.dialects.openai_chat.request import OF_OLD
from tests.dialects.openai_chat.asking import CITY, parsed, refusal, tool


def test_the_smallest_request_leaves_everything_to_the_model() -> None:
    assert parse(b'{"messages": [{"role": "user", "content": "hi"}]}') == ChatRequest(
        None, (Message("user", (Text("hi"),)),)
    )


def test_a_missing_conversation_is_told_by_parameter() -> None:
    with pytest.raises(BadRequest) as caught:
        parse(b'{"model": "argo:gpt-4o"}')
    assert caught.value.param == "messages"


def test_the_model_keeps_the_name_that_the_client_gave_it() -> None:
    assert parsed(model=" ArGo:GPT-4o").model == " ArGo:GPT-4o"


def test_every_setting_is_taken_over() -> None:
    request = parsed(
        temperature=0.5, top_p=0.25, max_tokens=7, n=3, stop=["a", "b"], stream=True,
        stream_options={"include_usage": True}, timeout=2.5,
    )  # fmt: skip
    assert request.sampling == Sampling(0.5, 0.25, 7, ("a", "b"))
    assert (request.choices, request.stream, request.stream_usage, request.timeout_s) == (3, True, True, 2.5)
    assert request.adjusted == ()


@pytest.mark.parametrize(
    ("given", "limit", "name", "adjusted"),
    [
        ({"max_tokens": 5}, 5, "max_tokens", ()),
        ({"max_completion_tokens": 6}, 6, "max_completion_tokens", ()),
        ({"max_tokens": 6, "max_completion_tokens": 6}, 6, "max_completion_tokens", ()),
        ({"max_tokens": 5, "max_completion_tokens": 6}, 6, "max_completion_tokens", ("max_tokens dropped",)),
    ],
)
def test_the_limit_of_the_answer_has_two_names_and_the_newer_wins(
    given: dict[str, object], limit: int, name: str, adjusted: tuple[str, ...]
) -> None:
    request = parsed(**given)
    assert (request.sampling.max_tokens, request.sampling.limit_name, request.adjusted) == (limit, name, adjusted)


@pytest.mark.parametrize(
    ("stop", "stops"),
    [("a", ("a",)), ("", ()), ([], ()), (["a", "", "b"], ("a", "b")), (["a", "b", "c", "d"], ("a", "b", "c", "d"))],
)
def test_stop_is_a_text_or_a_list_and_empty_ones_stop_nothing(stop: object, stops: tuple[str, ...]) -> None:
    assert parsed(stop=stop).sampling.stop == stops


@pytest.mark.parametrize(
    ("stop", "message"),
    [
        (list("abcde"), "'stop' takes at most 4 sequences, not 5"),
        ("x" * 1001, "a sequence of 'stop' can have at most 1000 characters"),
        (["a", "x" * 1001], "a sequence of 'stop' can have at most 1000 characters"),
    ],
)
def test_stop_has_its_limits(stop: object, message: str) -> None:
    error = refusal(stop=stop)
    assert (error.param, error.message) == ("stop", message)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("frequency_penalty", 0.5), ("presence_penalty", -1), ("logprobs", True), ("top_logprobs", 3), ("seed", 7),
        ("logit_bias", {"50256": -100}), ("service_tier", "flex"), ("reasoning_effort", "high"), ("verbosity", "low"),
        ("prediction", {"type": "content", "content": "x"}),
    ],
)  # fmt: skip
def test_what_cannot_reach_argo_is_dropped_and_listed(name: str, value: object) -> None:
    assert parsed(**{name: value}).adjusted == (f"{name} dropped",)


def test_everything_that_was_dropped_is_listed_once() -> None:
    given = {"seed": 1, "logprobs": True, "max_tokens": 1, "max_completion_tokens": 2}
    assert parsed(**given).adjusted == ("max_tokens dropped", "logprobs dropped", "seed dropped")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("audio", {"voice": "alloy", "format": "mp3"}),
        ("web_search_options", {"search_context_size": "low"}),
        ("modalities", ["text", "audio"]),
    ],
)
def test_what_would_change_the_meaning_of_the_answer_is_refused(name: str, value: object) -> None:
    error = refusal(**{name: value})
    assert isinstance(error, Unsupported)
    assert error.param == name
    assert f"'{name}'" in error.message


def test_stream_options_need_a_stream() -> None:
    assert refusal(stream_options={"include_usage": True}).param == "stream_options"
    assert parsed(stream=True, stream_options={}).stream_usage is False


@pytest.mark.parametrize(
    ("wanted", "output"),
    [
        (None, None),
        ({"type": "text"}, None),
        ({"type": "json_object"}, JsonOutput()),
        (
            {"type": "json_schema", "json_schema": {"name": "city", "description": "A city.", "schema": CITY}},
            JsonOutput(CITY, "A city.", "response_format.json_schema.schema"),
        ),
        (
            {"type": "json_schema", "json_schema": {"name": "city", "strict": True}},
            JsonOutput(None, None, "response_format.json_schema.schema"),
        ),
    ],
)
def test_the_answer_may_have_to_be_json(wanted: object, output: JsonOutput | None) -> None:
    assert parsed(response_format=wanted).output == output


@pytest.mark.parametrize(
    ("given", "parallel"),
    [
        ({}, True),
        ({"parallel_tool_calls": None}, True),
        ({"parallel_tool_calls": True}, True),
        ({"parallel_tool_calls": False}, False),
        ({"tools": [], "functions": [{"name": "f"}]}, False),
        ({"functions": [{"name": "f"}], "parallel_tool_calls": True}, False),
    ],
)
def test_functions_of_old_are_called_one_at_a_time_and_tools_as_asked(given: dict[str, object], parallel: bool) -> None:
    assert parsed(**given).parallel_tools is parallel


def test_tools_and_their_choice_are_part_of_the_request() -> None:
    request = parsed(tools=[tool("f"), tool("g")], tool_choice="required")
    assert [read.name for read in request.tools] == ["f", "g"]
    assert (request.tool_choice, request.may_call, request.echo) == (ToolChoice("required"), True, None)


def test_a_request_with_functions_is_answered_in_their_form() -> None:
    assert parsed(functions=[{"name": "f"}]).echo == OF_OLD
    assert parsed(functions=[], tools=[tool("f")]).echo is None
