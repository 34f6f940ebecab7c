import json
from collections.abc import Iterator
from typing import Any

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from argo_proxy.canonical.chat import ChatRequest, FinishReason, Message, Reply, Text, ToolCall, Usage
from argo_proxy.canonical.collector import tell
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import (
    ArgumentsDelta,
    Events,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
    ToolCallStarted,
)
from argo_proxy.dialects.openai_chat import render_stream, render_whole
from argo_proxy.dialects.openai_chat.request import OF_OLD

TEXT = 'say "hé",\n\u2028 \x00 🦜 \\'
USAGE = Usage(11, 5, estimated=True)
USAGE_SHOWN = {
    "prompt_tokens": 11,
    "completion_tokens": 5,
    "total_tokens": 16,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 0,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}


SEARCH, TIME = ToolCall("call_1", "search", '{"for": "é\\n"}'), ToolCall("call_2", "time", "{}")


def asked(model: str = "argo:gpt-4o", *, choices: int = 1, usage: bool = False, echo: str | None = None) -> ChatRequest:
    hello = (Message("user", (Text("hi"),)),)
    return ChatRequest(model, hello, choices=choices, stream=True, stream_usage=usage, echo=echo)


def told(*texts: str) -> Events:
    return (ReplyStarted(), TextStarted(), *map(TextDelta, texts), PartEnded(), ReplyFinished("stop", USAGE))


def chunks(stream: bytes) -> list[dict[str, Any]]:
    return [json.loads(data) for data in frames(stream) if data != "[DONE]"]


def frames(stream: bytes) -> Iterator[str]:
    assert stream.endswith(b"\n\n")
    for frame in stream.decode().removesuffix("\n\n").split("\n\n"):
        assert frame.startswith("data: ")
        yield frame.removeprefix("data: ")


def streamed(request: ChatRequest, *choices: Events) -> bytes:
    renderer = render_stream(request, "1a2b", 1700000000)
    fed = b"".join(renderer.feed(at, event) for at, events in enumerate(choices) for event in events)
    return fed + renderer.finish()


def test_a_whole_answer_has_exactly_openais_fields() -> None:
    body = render_whole(asked(), [Reply((Text(TEXT),), "length", USAGE)], "1a2b", 1700000000)
    assert json.loads(body) == {
        "id": "chatcmpl-1a2b",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "argo:gpt-4o",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": TEXT, "refusal": None, "annotations": []},
                "logprobs": None,
                "finish_reason": "length",
            }
        ],
        "usage": USAGE_SHOWN,
    }


def test_the_sdk_reads_a_whole_answer_strictly() -> None:
    body = render_whole(asked(), [Reply((Text(TEXT),), "stop", USAGE)], "1a2b", 1700000000)
    completion = ChatCompletion.model_validate_json(body, strict=True)
    assert (completion.model_extra, completion.choices[0].message.model_extra) == ({}, {})
    assert completion.choices[0].message.content == TEXT


def test_an_empty_answer_has_an_empty_content() -> None:
    body = render_whole(asked(), [Reply((), "stop", USAGE)], "1a2b", 1700000000)
    assert json.loads(body)["choices"][0]["message"]["content"] == ""


def calling(*parts: Text | ToolCall, reason: FinishReason = "tool_calls") -> Reply:
    return Reply(parts, reason, USAGE)


def choice_of(reply: Reply, *, echo: str | None = None) -> dict[str, Any]:
    """The only choice of a whole answer."""
    (choice,) = json.loads(render_whole(asked(echo=echo), [reply], "1a2b", 1700000000))["choices"]
    return choice


def shown(call: ToolCall) -> dict[str, object]:
    return {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def deltas(stream: bytes, index: int = 0) -> list[tuple[dict[str, Any], object]]:
    """What the frames of a choice tell, and the reason they end with."""
    choices = [choice for chunk in chunks(stream) for choice in chunk["choices"]]
    return [(choice["delta"], choice["finish_reason"]) for choice in choices if choice["index"] == index]


@pytest.mark.parametrize(
    ("parts", "content"),
    [
        ((SEARCH, TIME), None),
        ((Text(""), SEARCH, TIME), None),
        ((Text("Let me look."), SEARCH, TIME), "Let me look."),
        ((Text("Let me"), SEARCH, Text(" look."), TIME), "Let me look."),
    ],
    ids=["calls", "empty-text", "text", "between"],
)
def test_a_whole_answer_has_its_calls_beside_its_text_which_is_null_without_any(
    parts: tuple[Text | ToolCall, ...], content: str | None
) -> None:
    said = {"role": "assistant", "content": content, "refusal": None, "annotations": []}
    assert choice_of(calling(*parts)) == {
        "index": 0,
        "message": {**said, "tool_calls": [shown(SEARCH), shown(TIME)]},
        "logprobs": None,
        "finish_reason": "tool_calls",
    }


def test_the_call_of_a_function_of_old_is_one_and_has_no_id() -> None:
    choice = choice_of(calling(SEARCH), echo=OF_OLD)
    assert choice["finish_reason"] == "function_call"
    assert choice["message"] == {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "annotations": [],
        "function_call": {"name": SEARCH.name, "arguments": SEARCH.arguments},
    }


@pytest.mark.parametrize("echo", [None, OF_OLD])
def test_an_answer_without_a_call_is_the_same_for_who_offers_functions(echo: str | None) -> None:
    text = calling(Text("a"), reason="stop")
    assert choice_of(text, echo=echo) == choice_of(text)
    cut = choice_of(calling(SEARCH, reason="length"), echo=echo)
    assert cut["finish_reason"] == "length"


@pytest.mark.parametrize("echo", [None, OF_OLD])
def test_the_sdk_reads_a_whole_answer_with_calls_strictly(echo: str | None) -> None:
    body = render_whole(asked(echo=echo), [calling(Text("a"), SEARCH)], "1a2b", 1700000000)
    message = ChatCompletion.model_validate_json(body, strict=True).choices[0].message
    assert message.model_extra == {}
    assert (message.tool_calls is None, message.function_call is None) == (echo is not None, echo is None)


def test_a_streamed_call_is_named_first_and_then_come_its_arguments() -> None:
    events: Events = (
        ReplyStarted(), ToolCallStarted("call_1", "search"), ArgumentsDelta('{"for"'), ArgumentsDelta(': "é"}'),
        PartEnded(), ToolCallStarted("call_2", "time"), PartEnded(), ReplyFinished("tool_calls", USAGE),
    )  # fmt: skip

    def named(index: int, call_id: str, name: str) -> dict[str, object]:
        function = {"name": name, "arguments": ""}
        return {"tool_calls": [{"index": index, "id": call_id, "type": "function", "function": function}]}

    assert deltas(streamed(asked(), events)) == [
        ({"role": "assistant", "content": None, "refusal": None}, None),
        (named(0, "call_1", "search"), None),
        ({"tool_calls": [{"index": 0, "function": {"arguments": '{"for"'}}]}, None),
        ({"tool_calls": [{"index": 0, "function": {"arguments": ': "é"}'}}]}, None),
        (named(1, "call_2", "time"), None),
        ({}, "tool_calls"),
    ]


def test_the_role_is_told_once_and_by_what_comes_first() -> None:
    role = {"role": "assistant", "refusal": None}
    text_first = deltas(streamed(asked(), tell(calling(Text("a"), SEARCH, Text("b")))))
    call_first = deltas(streamed(asked(), tell(calling(SEARCH, Text("a"), TIME))))
    assert [delta for delta, _ in text_first if "role" in delta] == [{**role, "content": ""}]
    assert [delta for delta, _ in call_first if "role" in delta] == [{**role, "content": None}]
    assert [delta["content"] for delta, _ in text_first if "content" in delta] == ["", "a", "b"]


def test_an_answer_of_no_parts_still_tells_its_role() -> None:
    assert deltas(streamed(asked(), tell(calling(reason="length")))) == [
        ({"role": "assistant", "content": "", "refusal": None}, None),
        ({}, "length"),
    ]


def test_a_streamed_call_of_a_function_of_old_is_named_first_too() -> None:
    assert deltas(streamed(asked(echo=OF_OLD), tell(calling(SEARCH)))) == [
        ({"role": "assistant", "content": None, "refusal": None}, None),
        ({"function_call": {"name": "search", "arguments": ""}}, None),
        ({"function_call": {"arguments": SEARCH.arguments}}, None),
        ({}, "function_call"),
    ]


def test_the_calls_of_every_choice_are_counted_for_themselves() -> None:
    replies = [calling(SEARCH), calling(Text("a"), SEARCH, TIME)]
    stream = streamed(asked(choices=2, usage=True), *map(tell, replies))
    indexes = [
        [call["index"] for delta, _ in deltas(stream, at) for call in delta.get("tool_calls", ()) if "id" in call]
        for at in (0, 1)
    ]
    assert indexes == [[0], [0, 1]]
    assert chunks(stream)[-1]["usage"]["completion_tokens"] == 10


@pytest.mark.parametrize("echo", [None, OF_OLD])
def test_the_sdk_reads_every_chunk_of_a_call_strictly(echo: str | None) -> None:
    for chunk in chunks(streamed(asked(echo=echo), tell(calling(Text("a"), SEARCH)))):
        read = ChatCompletionChunk.model_validate(chunk)
        assert [choice.delta.model_extra for choice in read.choices] == [{}]


def test_several_choices_share_one_prompt_which_counts_once() -> None:
    replies = [
        Reply((Text("a"),), "stop", Usage(11, 1, estimated=True)),
        Reply((Text("b"),), "length", Usage(11, 2, estimated=True)),
    ]
    body = json.loads(render_whole(asked(choices=2), replies, "1a2b", 1700000000))
    assert [(choice["index"], choice["message"]["content"]) for choice in body["choices"]] == [(0, "a"), (1, "b")]
    assert [body["usage"][name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")] == [11, 3, 14]


def test_a_stream_begins_with_the_role_and_ends_with_the_reason_and_the_mark() -> None:
    def chunk(delta: dict[str, object], reason: str | None) -> dict[str, object]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        head = {"id": "chatcmpl-1a2b", "object": "chat.completion.chunk", "created": 1700000000}
        return {**head, "model": "argo:gpt-4o", "choices": [choice]}

    stream = streamed(asked(), told("a", TEXT))
    assert chunks(stream) == [
        chunk({"role": "assistant", "content": "", "refusal": None}, None),
        chunk({"content": "a"}, None),
        chunk({"content": TEXT}, None),
        chunk({}, "stop"),
    ]
    assert list(frames(stream))[-1] == "[DONE]"


def test_usage_comes_in_a_chunk_of_its_own_when_it_is_asked_for() -> None:
    *others, last = chunks(streamed(asked(usage=True), told("a")))
    assert (last["choices"], last["usage"]) == ([], USAGE_SHOWN)
    assert [chunk["usage"] for chunk in others] == [None] * 3
    assert all("usage" not in chunk for chunk in chunks(streamed(asked(), told("a"))))


@pytest.mark.parametrize("usage", [True, False])
def test_the_sdk_reads_every_chunk_strictly(usage: bool) -> None:
    for data in frames(streamed(asked(usage=usage), told("a", TEXT))):
        if data != "[DONE]":
            chunk = ChatCompletionChunk.model_validate_json(data, strict=True)
            assert chunk.model_extra == {}
            assert all(choice.model_extra == choice.delta.model_extra == {} for choice in chunk.choices)


def test_no_chunk_names_what_openai_leaves_out() -> None:
    stream = streamed(asked(usage=True), told("a")) + render_whole(
        asked(), [Reply((Text("a"),), "stop", USAGE)], "1a2b", 1
    )
    for absent in (b"tool_calls", b"function_call", b"system_fingerprint", b"service_tier"):
        assert absent not in stream


def test_every_choice_of_a_stream_has_its_index() -> None:
    stream = chunks(streamed(asked(choices=2, usage=True), told("a"), told("b")))
    said = [(choice["index"], choice["delta"].get("content")) for chunk in stream for choice in chunk["choices"]]
    assert said == [(0, ""), (0, "a"), (0, None), (1, ""), (1, "b"), (1, None)]
    assert stream[-1]["usage"]["completion_tokens"] == 10


def test_a_model_name_is_echoed_whatever_is_in_it() -> None:
    name = 'odd "name"\n%s {0} é'
    assert {chunk["model"] for chunk in chunks(streamed(asked(name, usage=True), told("a")))} == {name}
    assert json.loads(render_whole(asked(name), [Reply((), "stop", USAGE)], "1", 1))["model"] == name


def test_a_stream_that_broke_off_ends_in_an_error_and_without_the_mark() -> None:
    renderer = render_stream(asked(), "1a2b", 1700000000)
    frame = renderer.feed(0, ReplyFailed(UpstreamError("ARGO broke off")))
    assert [json.loads(data) for data in frames(frame)] == [
        {"error": {"message": "ARGO broke off", "type": "upstream_error", "param": None, "code": "bad_gateway"}}
    ]


def test_a_text_that_looks_like_a_frame_stays_inside_its_own() -> None:
    stream = streamed(asked(), told("x\n\ndata: [DONE]\n\n"))
    assert [data for data in frames(stream) if data == "[DONE]"] == ["[DONE]"]
    assert chunks(stream)[1]["choices"][0]["delta"]["content"] == "x\n\ndata: [DONE]\n\n"
