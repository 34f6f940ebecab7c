import base64
import json

import pytest

from argo_proxy.canonical.chat import ChatRequest, Image, ImageLink, Message, Sampling, Text
from argo_proxy.canonical.errors import BadRequest, ProxyError, Unsupported
from argo_proxy.dialects.openai_chat import parse

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(4)).decode()
HELLO = {"role": "user", "content": "hi"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def parsed(*messages: dict[str, object], **more: object) -> ChatRequest:
    return parse(json.dumps({"model": "argo:gpt-4o", "messages": messages or (HELLO,), **more}).encode())


def turn(**message: object) -> Message:
    return parsed(message).messages[0]


def refusal(*messages: dict[str, object], **more: object) -> ProxyError:
    with pytest.raises(BadRequest) as caught:
        parsed(*messages, **more)
    return caught.value


def image(url: str, **more: object) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def test_the_smallest_request_leaves_everything_to_the_model() -> None:
    assert parse(b'{"messages": [{"role": "user", "content": "hi"}]}') == ChatRequest(
        None, (Message("user", (Text("hi"),)),)
    )


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


def test_explicit_nulls_and_defaults_are_as_good_as_nothing() -> None:
    names = (
        "stream stream_options temperature top_p max_tokens max_completion_tokens n stop timeout response_format "
        "modalities tools functions frequency_penalty presence_penalty logprobs top_logprobs logit_bias seed "
        "service_tier reasoning_effort verbosity prediction audio web_search_options tool_choice user metadata store"
    )
    assert parsed(**dict.fromkeys(names.split())) == parsed()
    assert parsed(tools=[], logprobs=False, frequency_penalty=0, presence_penalty=0.0, logit_bias={}) == parsed()
    assert parsed(service_tier="auto", response_format={"type": "text"}, modalities=["text"], seed=0) == parsed()


def test_parameters_that_the_proxy_does_not_know_are_no_fault() -> None:
    assert parsed(user="somebody", metadata={"a": "b"}, store=True, brand_new=[1]) == parsed()


@pytest.mark.parametrize("role", ["system", "developer"])
def test_a_developer_is_a_system(role: str) -> None:
    assert turn(role=role, content="be brief", name="boss") == Message("system", (Text("be brief"),), "boss")
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": ""}]
    assert turn(role=role, content=parts) == Message("system", (Text("a"), Text("")))


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("", [""]),
        (None, [""]),
        ("yes", ["yes"]),
        ([{"type": "text", "text": "yes"}, {"type": "refusal", "refusal": "no"}], ["yes", "no"]),
    ],
)
def test_an_assistant_may_have_said_nothing_something_or_no(content: object, texts: list[str]) -> None:
    assert turn(role="assistant", content=content) == Message("assistant", tuple(map(Text, texts)))


def test_an_assistant_may_only_have_refused() -> None:
    assert turn(role="assistant", refusal="no", name="it") == Message("assistant", (Text("no"),), "it")
    assert turn(role="assistant", content=None, refusal=None, tool_calls=None) == Message("assistant", (Text(""),))
    assert turn(role="assistant", content="a", tool_calls=[], function_call=None) == Message("assistant", (Text("a"),))


def test_repeated_messages_are_kept() -> None:
    assert parsed(HELLO, HELLO, HELLO).messages == (Message("user", (Text("hi"),)),) * 3


def test_text_and_images_keep_their_order() -> None:
    inline, link = image(f"data:image/jpeg;base64,{PNG}", detail="low"), image("HTTPS://x.example/y.png")
    content = [inline, {"type": "text", "text": "and"}, link, image("http://x.example/z", detail=None)]
    assert turn(role="user", content=content, name="me") == Message(
        "user",
        (
            Image("image/png", PNG, "low"),
            Text("and"),
            ImageLink("HTTPS://x.example/y.png"),
            ImageLink("http://x.example/z"),
        ),
        "me",
    )


def test_an_image_that_is_none_is_refused_where_it_stands() -> None:
    bad = {"role": "user", "content": [{"type": "text", "text": "see"}, image("data:image/png;base64,AAAA")]}
    error = refusal(HELLO, bad)
    assert (error.param, error.http_status) == ("messages[1].content[1].image_url.url", 400)


@pytest.mark.parametrize(
    ("given", "limit", "adjusted"),
    [
        ({"max_tokens": 5}, 5, ()),
        ({"max_completion_tokens": 6}, 6, ()),
        ({"max_tokens": 6, "max_completion_tokens": 6}, 6, ()),
        ({"max_tokens": 5, "max_completion_tokens": 6}, 6, ("max_tokens dropped",)),
    ],
)
def test_the_limit_of_the_answer_has_two_names_and_the_newer_wins(
    given: dict[str, object], limit: int, adjusted: tuple[str, ...]
) -> None:
    request = parsed(**given)
    assert (request.sampling.max_tokens, request.adjusted) == (limit, adjusted)


@pytest.mark.parametrize(
    ("stop", "stops"),
    [("a", ("a",)), ("", ()), ([], ()), (["a", "", "b"], ("a", "b")), (["a", "b", "c", "d"], ("a", "b", "c", "d"))],
)
def test_stop_is_a_text_or_a_list_and_empty_ones_stop_nothing(stop: object, stops: tuple[str, ...]) -> None:
    assert parsed(stop=stop).sampling.stop == stops


def test_more_than_four_stops_are_refused() -> None:
    error = refusal(stop=list("abcde"))
    assert (error.param, error.message) == ("stop", "'stop' takes at most 4 sequences, not 5")


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
        ({"response_format": "json"}, "response_format"),
    ],
)
def test_a_wrong_value_is_told_by_parameter(given: dict[str, object], param: str) -> None:
    error = refusal(**given)
    assert (error.http_status, error.kind, error.param) == (400, "invalid_request_error", param)
    assert param in error.message


def test_a_missing_conversation_is_told_by_parameter() -> None:
    with pytest.raises(BadRequest) as caught:
        parse(b'{"model": "argo:gpt-4o"}')
    assert caught.value.param == "messages"
