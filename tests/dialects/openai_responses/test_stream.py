import json
from typing import Any

from argo_proxy.canonical.chat import Text, ToolCall
from argo_proxy.canonical.collector import tell
from argo_proxy.canonical.errors import BadRequest, UpstreamError
from argo_proxy.canonical.events import Event, ReplyFailed, ReplyStarted, TextDelta, TextStarted
from argo_proxy.dialects.openai_responses import ResponseStream, render_stream
from tests.dialects.openai_responses.asking import SEARCH, F, parsed, reply

TOOLS = [F, {"type": "custom", "name": "g"}, SEARCH]


def read(frames: bytes) -> list[Any]:
    return [json.loads(frame.partition("data: ")[2]) for frame in frames.decode().split("\n\n")[:-1]]


def streamed(*parts: object, reason: str = "stop") -> list[Any]:
    renderer = render_stream(parsed(tools=TOOLS), "1a", 17)
    return read(b"".join(renderer.feed(0, event) for event in tell(reply(*parts, reason=reason))) + renderer.finish())


def kinds(frames: list[Any]) -> list[str]:
    return [frame["type"].removeprefix("response.") for frame in frames]


def begun(*events: Event) -> tuple[ResponseStream, bytes]:
    renderer = ResponseStream(parsed(), "1a", 17)
    return renderer, b"".join(renderer.feed(0, event) for event in events)


def test_a_text_is_told_in_openais_order() -> None:
    frames = streamed(Text("a"))
    assert kinds(frames) == [
        "created", "in_progress", "output_item.added", "content_part.added", "output_text.delta", "output_text.done",
        "content_part.done", "output_item.done", "completed",
    ]  # fmt: skip
    assert frames[4] == {
        "type": "response.output_text.delta", "item_id": "msg_1ao0", "output_index": 0, "content_index": 0,
        "sequence_number": 4, "logprobs": [], "delta": "a",
    }  # fmt: skip


def test_calls_are_told_as_what_they_are_to_the_client() -> None:
    search = ToolCall("c3", "tool_search", '{"query": "x"}')
    frames = streamed(ToolCall("c1", "f", "{}"), ToolCall("c2", "g", '{"input": "a"}'), search)
    assert kinds(frames)[2:-1] == [
        "output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done",
        "output_item.added", "custom_tool_call_input.delta", "custom_tool_call_input.done", "output_item.done",
        "output_item.added", "output_item.done",
    ]  # fmt: skip
    assert frames[-2]["item"]["arguments"] == {"query": "x"}


def test_only_the_last_item_is_cut_off() -> None:
    frames = streamed(Text("a"), Text("b"), reason="length")
    assert [frame["item"]["status"] for frame in frames if frame["type"] == "response.output_item.done"] == [
        "completed", "incomplete",
    ]  # fmt: skip
    assert frames[-1]["type"] == "response.incomplete"


def test_an_answer_without_parts_is_an_answer() -> None:
    assert kinds(streamed()) == ["created", "in_progress", "completed"]


def test_a_response_that_has_begun_says_that_it_failed_with_what_there_is() -> None:
    renderer, _ = begun(*tell(reply(Text("a")))[:-1], TextStarted(), TextDelta("b"))
    (told,) = read(renderer.feed(0, ReplyFailed(UpstreamError("gone"))))
    assert (told["type"], told["response"]["status"]) == ("response.failed", "failed")
    output = [(item["content"][0]["text"], item["status"]) for item in told["response"]["output"]]
    assert output == [("a", "completed"), ("b", "incomplete")]
    assert told["response"]["error"] == {"code": "server_error", "message": "gone"}


def test_one_that_has_not_begun_has_an_error_for_the_sdks_too() -> None:
    _, frames = begun(ReplyFailed(BadRequest("no", param="input", code="bad")))
    error, failed = read(frames)
    assert error == {
        "type": "error", "sequence_number": 0, "code": "bad", "message": "no", "param": "input",
        "error": {"type": "invalid_request_error", "code": "bad", "message": "no", "param": "input"},
    }  # fmt: skip
    assert (failed["type"], failed["sequence_number"]) == ("response.failed", 1)


def test_a_response_in_the_queue_is_created_once() -> None:
    renderer = ResponseStream(parsed(), "1a", 17)
    frames = read(renderer.queue() + renderer.feed(0, ReplyStarted()))
    assert kinds(frames) == ["created", "queued", "in_progress"]
    assert [frame["response"]["status"] for frame in frames] == ["queued", "queued", "in_progress"]


def test_a_cancelled_response_has_what_was_complete() -> None:
    renderer, _ = begun(*tell(reply(Text("a")))[:-1], TextStarted())
    renderer.cancel()
    assert (renderer.response.status, len(renderer.response.output)) == ("cancelled", 1)


def test_whoever_concludes_it_says_when() -> None:
    renderer, _ = begun(*tell(reply(Text("a"))))
    renderer.conclude(19)
    (last,) = read(renderer.finish())
    assert (last["type"], last["response"]["completed_at"]) == ("response.completed", 19)
