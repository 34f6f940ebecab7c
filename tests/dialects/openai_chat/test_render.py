import json
from collections.abc import Iterator

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from argo_proxy.canonical.chat import ChatRequest, Message, Reply, Text, Usage
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import (
    Events,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
)
from argo_proxy.dialects.openai_chat import render_stream, render_whole

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


def asked(model: str = "argo:gpt-4o", *, choices: int = 1, usage: bool = False) -> ChatRequest:
    hello = (Message("user", (Text("hi"),)),)
    return ChatRequest(model, hello, choices=choices, stream=True, stream_usage=usage)


def told(*texts: str) -> Events:
    return (ReplyStarted(), TextStarted(), *map(TextDelta, texts), PartEnded(), ReplyFinished("stop", USAGE))


def chunks(stream: bytes) -> list[dict[str, object]]:
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
