import json

from argo_proxy.canonical.chat import ChatRequest, Message, Reply, Text, Usage
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import PartEnded, ReplyFailed, ReplyFinished, ReplyStarted, TextDelta, TextStarted
from argo_proxy.dialects.openai_completions import render_stream, render_whole

ASKED = ChatRequest("argo:gpt-4o", (Message("user", (Text("hi"),)),))


def usage(prompt: int, answer: int) -> Usage:
    return Usage(prompt, answer, estimated=True)


def reply(text: str, prompt: int, answer: int) -> Reply:
    return Reply((Text(text),), "stop", usage(prompt, answer))


def test_a_whole_answer_has_exactly_openais_fields() -> None:
    assert json.loads(render_whole(ASKED, [Reply((Text("Hi"), Text("!")), "length", usage(9, 2))], "1a", 17)) == {
        "id": "cmpl-1a",
        "object": "text_completion",
        "created": 17,
        "model": "argo:gpt-4o",
        "choices": [{"text": "Hi!", "index": 0, "logprobs": None, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
    }


def test_each_prompt_counts_once_however_many_choices_it_has() -> None:
    request = ChatRequest("m", (), choices=2, also=(ChatRequest("m", (), choices=2),))
    replies = [reply("a", 5, 1), reply("b", 5, 2), reply("c", 7, 3), reply("d", 7, 4)]
    body = json.loads(render_whole(request, replies, "1", 1))
    assert [(choice["index"], choice["text"]) for choice in body["choices"]] == list(enumerate("abcd"))
    assert body["usage"] == {"prompt_tokens": 12, "completion_tokens": 10, "total_tokens": 22}


def frames(request: ChatRequest) -> list[object]:
    stream = render_stream(request, "1a", 17)
    events = [ReplyStarted(), TextStarted(), TextDelta('"Hi"'), PartEnded(), ReplyFinished("stop", usage(9, 2))]
    data = b"".join(stream.feed(0, event) for event in events) + stream.finish()
    assert data.endswith(b"data: [DONE]\n\n")
    return [json.loads(frame[6:]) for frame in data.decode().split("\n\n")[:-2]]


def test_a_stream_has_a_frame_for_each_piece_and_one_for_the_end() -> None:
    first, last = frames(ASKED)
    assert first == {
        "id": "cmpl-1a",
        "object": "text_completion",
        "created": 17,
        "model": "argo:gpt-4o",
        "choices": [{"text": '"Hi"', "index": 0, "logprobs": None, "finish_reason": None}],
    }
    assert last["choices"] == [{"text": "", "index": 0, "logprobs": None, "finish_reason": "stop"}]


def test_the_usage_has_a_frame_of_its_own_where_it_was_asked_for() -> None:
    first, last, told = frames(ChatRequest("m", (), stream_usage=True))
    assert (first["usage"], last["usage"]) == (None, None)
    assert told["choices"] == []
    assert told["usage"] == {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}


def test_a_stream_that_broke_off_ends_with_its_error() -> None:
    frame = render_stream(ASKED, "1a", 17).feed(0, ReplyFailed(UpstreamError("broke off")))
    assert json.loads(frame[6:])["error"]["message"] == "broke off"
