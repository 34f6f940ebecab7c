import pytest

from tests.dialects.openai_chat.asking import HELLO, call, image, parsed, refusal, tool


def test_explicit_nulls_and_defaults_are_as_good_as_nothing() -> None:
    names = (
        "stream stream_options temperature top_p max_tokens max_completion_tokens n stop timeout response_format "
        "modalities tools tool_choice parallel_tool_calls functions function_call frequency_penalty presence_penalty "
        "logprobs top_logprobs logit_bias seed service_tier reasoning_effort verbosity prediction audio "
        "web_search_options user metadata store"
    )
    assert parsed(**dict.fromkeys(names.split())) == parsed()
    assert parsed(tools=[], functions=[], tool_choice="auto", parallel_tool_calls=True) == parsed()
    assert parsed(logprobs=False, frequency_penalty=0, presence_penalty=0.0, logit_bias={}, seed=0) == parsed()
    assert parsed(service_tier="auto", response_format={"type": "text"}, modalities=["text"]) == parsed()


def test_parameters_that_the_proxy_does_not_know_are_no_fault() -> None:
    assert parsed(user="somebody", metadata={"a": "b"}, store=True, brand_new=[1]) == parsed()
    assert parsed({**HELLO, "brand_new": 1}, {"role": "assistant", "content": "a", "audio": None}).messages


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"model": 5}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": ["hi"]}, "messages[0]"),
        ({"messages": [{}]}, "messages[0]"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": 1, "content": "x"}]}, "messages[0].role"),
        ({"messages": [HELLO, {"role": "user"}]}, "messages[1]"),
        ({"messages": [{"role": "user", "content": None}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": []}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "file"}]}]}, "messages[0].content[0].type"),
        ({"messages": [{"role": "system", "content": [image("https://x.example")]}]}, "messages[0].content[0].type"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0]"),
        ({"temperature": 2.1}, "temperature"),
        ({"temperature": "warm"}, "temperature"),
        ({"top_p": -0.1}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_completion_tokens": 1.5}, "max_completion_tokens"),
        ({"n": 0}, "n"),
        ({"n": 129}, "n"),
        ({"n": 10**30}, "n"),
        ({"stop": [1]}, "stop[0]"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": []}, "stream_options"),
        ({"timeout": 0}, "timeout"),
    ],
)
def test_a_wrong_value_is_told_by_parameter(given: dict[str, object], param: str) -> None:
    error = refusal(**given)
    assert (error.http_status, error.kind, error.param) == (400, "invalid_request_error", param)
    assert param in error.message


def test_the_conversation_has_its_limit() -> None:
    assert refusal(messages=[HELLO] * 20_001).param == "messages"


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"role": "assistant", "tool_calls": [{"id": "a", "type": "function"}]}, "tool_calls[0]"),
        ({"role": "assistant", "tool_calls": [{**call("a"), "type": "custom"}]}, "tool_calls[0].type"),
        ({"role": "assistant", "tool_calls": [{**call("a"), "id": None}]}, "tool_calls[0].id"),
        ({"role": "assistant", "tool_calls": [call("a"), call("b", "")]}, "tool_calls[1].function.name"),
        ({"role": "assistant", "tool_calls": {}}, "tool_calls"),
        ({"role": "assistant", "function_call": {"name": "f", "arguments": {}}}, "function_call.arguments"),
        ({"role": "assistant", "content": []}, "content"),
        ({"role": "tool", "tool_call_id": "a", "content": [{"type": "file"}]}, "content[0].type"),
        ({"role": "tool", "tool_call_id": "a", "content": {"sky": "blue"}}, "content"),
    ],
)
def test_a_wrong_call_or_result_is_told_where_it_stands(message: dict[str, object], param: str) -> None:
    assert refusal(HELLO, message).param == f"messages[1].{param}"


def test_a_tool_or_call_that_does_not_name_its_type_is_a_function() -> None:
    assert parsed(tools=[{"function": {"name": "f"}}]) == parsed(tools=[tool("f")])
    untyped = {key: value for key, value in call("a").items() if key != "type"}
    asking, bare = ({"role": "assistant", "tool_calls": [made]} for made in (call("a"), untyped))
    assert parsed(bare) == parsed(asking)


@pytest.mark.parametrize("message", [{"role": "tool", "content": "sunny"}, {"role": "function", "content": "sunny"}])
def test_a_result_says_whose_it_is(message: dict[str, object]) -> None:
    assert refusal(HELLO, message).param == "messages[1]"


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"tools": {}}, "tools"),
        ({"tools": [{"type": "custom", "custom": {"name": "f"}}]}, "tools[0].type"),
        ({"tools": [tool("f"), {"type": "function"}]}, "tools[1]"),
        ({"tools": [tool("")]}, "tools[0].function.name"),
        ({"tools": [tool("x" * 257)]}, "tools[0].function.name"),
        ({"tools": [tool("f", parameters=[])]}, "tools[0].function.parameters"),
        ({"tools": [tool("f", strict="yes")]}, "tools[0].function.strict"),
        ({"functions": [{}]}, "functions[0]"),
        ({"tool_choice": "any"}, "tool_choice"),
        ({"tool_choice": {"type": "function"}}, "tool_choice"),
        ({"tool_choice": {"type": "custom", "custom": {"name": "f"}}}, "tool_choice.type"),
        ({"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "none", "tools": []}}},
         "tool_choice.allowed_tools.mode"),
        ({"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}},
         "tool_choice.allowed_tools.tools"),
        ({"parallel_tool_calls": "no"}, "parallel_tool_calls"),
        ({"function_call": "required"}, "function_call"),
        ({"response_format": "json"}, "response_format"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": []}}},
         "response_format.json_schema.schema"),
    ],
)  # fmt: skip
def test_a_wrong_tool_choice_or_format_is_told_by_parameter(given: dict[str, object], param: str) -> None:
    assert refusal(**given).param == param
