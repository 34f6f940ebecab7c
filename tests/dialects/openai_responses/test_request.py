import pytest

from argo_proxy.canonical.chat import JsonOutput, Message, Sampling, Text, Tool, ToolCall, ToolResult
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.openai_responses import asked_in, continued, referred
from argo_proxy.dialects.openai_responses.tools import Toolbox
from tests.dialects.openai_responses.asking import F, call, items, parsed, refusal, result, user


def test_explicit_nulls_and_defaults_are_as_good_as_nothing() -> None:
    names = (
        "instructions stream store background previous_response_id tools tool_choice parallel_tool_calls text "
        "temperature top_p max_output_tokens metadata timeout max_tool_calls prompt_cache_key service_tier user "
        "conversation prompt reasoning top_logprobs truncation include context_management moderation"
    )
    plain = parsed()
    for request in (
        parsed(**dict.fromkeys(names.split())),
        parsed(tools=[], tool_choice="auto", parallel_tool_calls=True, text={"format": {"type": "text"}}),
        parsed(truncation="disabled", top_logprobs=0, include=["x"], reasoning={}, background=False, brand_new=1),
        parsed(text={"format": None, "verbosity": "medium"}, conversation="", stream=False, store=True),
    ):
        assert (request.messages, request.tools, request.output, request.sampling, request.adjusted) == (
            plain.messages, plain.tools, plain.output, plain.sampling, plain.adjusted,
        )  # fmt: skip


def test_settings_are_read() -> None:
    request = parsed(
        temperature=0.5, top_p=0.9, max_output_tokens=10, stream=True, timeout=3, parallel_tool_calls=False, store=False
    )
    assert request.sampling == Sampling(0.5, 0.9, 10, limit_name="max_output_tokens")
    assert (request.stream, request.timeout_s, request.parallel_tools) == (True, 3.0, False)
    assert not asked_in(request).stored
    assert asked_in(parsed()).stored


def test_instructions_go_before_all_else() -> None:
    request = parsed({"role": "developer", "content": "b"}, user("c"), instructions="a")
    assert [message.text for message in request.messages] == ["a", "b", "c"]
    assert parsed(instructions="").messages[0] == Message("system", (Text(""),))


@pytest.mark.parametrize(
    ("form", "output"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, JsonOutput(param="text.format")),
        (
            {"type": "json_schema", "name": "x", "schema": {}, "description": "d"},
            JsonOutput({}, "d", "text.format.schema"),
        ),
    ],
)
def test_formats_of_text(form: dict[str, object], output: JsonOutput | None) -> None:
    assert parsed(text={"format": form}).output == output


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (
            {"reasoning": {"effort": "high", "summary": "auto"}},
            ("reasoning.effort dropped", "reasoning.summary dropped"),
        ),
        ({"text": {"verbosity": "low"}}, ("text.verbosity dropped",)),
        ({"top_logprobs": 3}, ("top_logprobs dropped",)),
        ({"include": ["message.output_text.logprobs"]}, ("top_logprobs dropped",)),
        ({"truncation": "auto"}, ("truncation dropped",)),
        ({"context_management": [{"type": "compaction"}]}, ("context_management dropped",)),
        ({"moderation": {"model": "m"}}, ("moderation dropped",)),
    ],
)
def test_what_argo_has_no_place_for_is_told(more: dict[str, object], told: tuple[str, ...]) -> None:
    assert parsed(**more).adjusted == told


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"conversation": "conv_1"}, "conversation"),
        ({"conversation": {"id": "conv_1"}}, "conversation"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"background": True, "store": False}, "background"),
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": [], "instructions": "Be brief."}, "input"),
        ({"input": [{"type": "reasoning"}]}, "input"),
        ({"input": [{"type": "web_search_call"}]}, "input"),
        ({"temperature": 2.1}, "temperature"),
        ({"metadata": {"a": "x" * 513}}, "metadata[...]"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
    ],
)
def test_what_cannot_be_done_is_refused_by_parameter(more: dict[str, object], param: str) -> None:
    assert refusal(**more).param == param


def test_an_empty_string_is_something_to_say() -> None:
    assert parsed(input="").messages == (Message("user", (Text(""),)),)


def test_a_request_that_goes_on_is_whole_with_its_history() -> None:
    request = parsed(result("noon"), previous_response_id="resp_1")
    assert (request.messages, asked_in(request).toolbox, referred(request)) == ((), Toolbox(), ())
    whole = continued(request, items(user("when?"), call()), ())
    assert whole.messages == (
        Message("user", (Text("when?"),)),
        Message("assistant", (ToolCall("call_1", "f", "{}"),)),
        Message("tool", (ToolResult("call_1", (Text("noon"),)),)),
    )
    assert (asked_in(whole).history, asked_in(whole).items) == (items(user("when?"), call()), items(result("noon")))
    assert continued(parsed(input=None, previous_response_id="resp_1"), items(user("a")), ()).messages


def test_its_choice_is_judged_with_the_tools_of_its_history() -> None:
    history = items({"type": "tool_search_output", "tools": [F]})
    request = parsed(previous_response_id="resp_1", tool_choice=F)
    assert continued(request, history, ()).tools == (Tool("f"),)
    with pytest.raises(BadRequest, match="not among the tools"):
        continued(request, items(user()), ())


def test_items_that_are_referred_to_are_put_in_place() -> None:
    found = items({"role": "assistant", "content": "b", "id": "msg_1"}, {**user("other"), "id": "msg_2"})
    request = parsed(user("a"), {"type": "item_reference", "id": "msg_1"}, {"id": "msg_9"}, user("c"))
    assert referred(request) == ("msg_1", "msg_9")
    history = items({**user("z"), "id": "msg_9"})
    assert [message.text for message in continued(request, history, found).messages] == ["z", "a", "b", "z", "c"]
    with pytest.raises(BadRequest, match="no item 'msg_9'") as caught:
        continued(request, (), found)
    assert (caught.value.http_status, caught.value.http_code) == (404, "item_not_found")
