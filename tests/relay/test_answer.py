"""The pipeline from the bytes of an answer to its events."""

from argo_proxy.canonical.chat import ChatRequest, Message, Sampling, Text, Usage
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import (
    Event,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
)
from argo_proxy.relay.answer import Pipeline
from argo_proxy.relay.shaping import Prepared, Shaped, stages_for
from argo_proxy.upstreams.resource.reply import decode_stream, decode_whole
from tests.known import card, counter

START: list[Event] = [ReplyStarted(), TextStarted()]


def asked(model: str = "gpt4o", *, stream: bool = False, **sampling: object) -> ChatRequest:
    return ChatRequest(model, (Message("user", (Text("hi"),)),), sampling=Sampling(**sampling), stream=stream)


def pipeline(request: ChatRequest, *, streamed: bool) -> Pipeline:
    prepared = Prepared(Shaped(request, card(request.model or "")), "me", streamed, b"")
    return Pipeline(decode_stream() if streamed else decode_whole(), stages_for(prepared, counter().meter(), 11))


def end(reason: str, tokens: int) -> list[Event]:
    return [PartEnded(), ReplyFinished(reason, Usage(11, tokens, estimated=True))]


def test_a_stream_is_passed_on_piece_by_piece() -> None:
    flow = pipeline(asked(stream=True), streamed=True)
    assert list(flow.feed(b"Hel")) == [*START, TextDelta("Hel")]
    assert list(flow.feed(b"lo")) == [TextDelta("lo")]
    assert not flow.ended
    assert list(flow.finish()) == end("stop", 1)
    assert flow.ended


def test_a_whole_answer_comes_in_one_delta_for_who_does_not_stream() -> None:
    flow = pipeline(asked(), streamed=False)
    assert list(flow.feed(b'{"response": "one two three four five six"}')) == []
    assert list(flow.finish()) == [*START, TextDelta("one two three four five six"), *end("stop", 6)]


def test_a_whole_answer_comes_in_small_pieces_for_who_streams() -> None:
    flow = pipeline(asked(stream=True), streamed=False)
    flow.feed(b'{"response": "one two three four five six"}')
    assert list(flow.finish()) == [
        *START, TextDelta("one two three four five "), TextDelta("six"), *end("stop", 6),
    ]  # fmt: skip


def test_a_stop_sequence_ends_the_answer_before_the_upstream_does() -> None:
    flow = pipeline(asked(stream=True, stop=("END",)), streamed=True)
    assert list(flow.feed(b"so it is. EN")) == [*START, TextDelta("so it is. ")]
    assert list(flow.feed(b"D and more")) == end("stop", 5)
    assert flow.ended
    assert list(flow.finish()) == []


def test_what_a_stop_sequence_cut_off_is_not_counted() -> None:
    flow = pipeline(asked(stop=(" five",)), streamed=False)
    flow.feed(b'{"response": "one two three four five six"}')
    assert list(flow.finish()) == [*START, TextDelta("one two three four"), *end("stop", 4)]


def test_a_notice_ends_the_answer_with_an_error() -> None:
    flow = pipeline(asked(stream=True, stop=("END",)), streamed=True)
    assert list(flow.feed(b"AUTHENTICATION NOTICE")) == []
    [failed] = flow.feed(b" FROM ARGO: END")
    assert isinstance(failed, ReplyFailed)
    assert flow.ended
    assert list(flow.finish()) == []


def test_an_upstream_that_broke_off_ends_the_answer_with_its_error() -> None:
    flow = pipeline(asked(stream=True), streamed=True)
    flow.feed(b"Hel")
    error = UpstreamError("ARGO broke off")
    assert list(flow.fail(error)) == [ReplyFailed(error)]
    assert flow.ended
    assert list(flow.finish()) == []


def test_an_empty_stream_is_the_gateways_fault() -> None:
    flow = pipeline(asked(stream=True), streamed=True)
    [started, failed] = flow.finish()
    assert started == ReplyStarted()
    assert isinstance(failed, ReplyFailed)
    assert failed.error.http_code == "empty_answer"
