"""The pipeline from the bytes of an answer to its events, and the answer that is read through it."""

import asyncio
import json

import pytest
from msgspec.structs import replace

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.chat import ChatRequest, Message, Sampling, Text, Tool, Usage
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import (
    Event,
    Events,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
)
from argo_proxy.gateway.response import Response
from argo_proxy.relay import answer
from argo_proxy.relay.answer import INLINE_BYTES, Answer, Pipeline, Waiting
from argo_proxy.relay.prepared import Prepared
from argo_proxy.relay.shaping import prepare, stages_for
from argo_proxy.upstreams.resource.reply import decode_stream, decode_whole
from tests.known import card, counter, shaped

START: list[Event] = [ReplyStarted(), TextStarted()]


def asked(model: str = "gpt4o", *, stream: bool = False, **sampling: object) -> ChatRequest:
    return ChatRequest(model, (Message("user", (Text("hi"),)),), sampling=Sampling(**sampling), stream=stream)


def pipeline(request: ChatRequest, *, streamed: bool) -> Pipeline:
    prepared = Prepared(request, card(request.model or ""), "me", streamed, b"")
    return Pipeline(decode_stream() if streamed else decode_whole(), stages_for(prepared, counter().meter(11)))


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


def offering(model: str, *, prompted: bool = False) -> Pipeline:
    """The way of a whole answer in which calls are looked for."""
    known = replace(card(model), tools=not prompted)
    call = prepare(shaped(replace(asked(model), tools=(Tool("f"),)), known), Caller("me"), real_stream=True)
    return Pipeline(decode_whole(), stages_for(call, counter().meter(11)))


@pytest.mark.parametrize("body", [b"no json", b'{"response": {"tool_calls": [{"id": "x"}]}}'])
@pytest.mark.parametrize(
    ("model", "prompted"), [("claudesonnet4", False), ("claudesonnet4", True), ("gpt4o", False), ("gemini25pro", True)]
)
def test_a_failure_ends_the_answer_whatever_is_looked_for_in_it(model: str, prompted: bool, body: bytes) -> None:
    flow = offering(model, prompted=prompted)
    assert list(flow.feed(body)) == []
    [failed] = flow.finish()
    assert isinstance(failed, ReplyFailed)
    assert failed.error.http_code == "bad_answer"
    assert flow.ended


class Holding:
    """A stage that never gives anything back."""

    def feed(self, _: Event) -> Events:
        return ()


def test_a_failure_goes_past_the_stages_and_what_they_hold_is_not_told() -> None:
    flow = Pipeline(decode_whole(), (Holding(), Holding()))
    flow.feed(b"no json")
    [failed] = flow.finish()
    assert isinstance(failed, ReplyFailed)


class Sent:
    """What ARGO sends, piece by piece; an error is where it breaks off."""

    def __init__(self, *pieces: bytes | UpstreamError) -> None:
        self._pieces = pieces
        self.left = False

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def done(self, *, reusable: bool) -> None:  # noqa: ARG002 (the wire's signature)
        self.left = True

    async def arrive(self, response: Response) -> None:
        for piece in self._pieces:
            if self.left:
                return
            if isinstance(piece, UpstreamError):
                response.fail(piece)
            else:
                response.receive(b"%x\r\n%s\r\n" % (len(piece), piece))
            await asyncio.sleep(0)
        if not self.left:
            response.receive(b"0\r\n\r\n")


def read(sent: Sent, flow: Pipeline, *, most: int = 100) -> list[list[Event]]:
    """The batches of an answer's events, up to so many."""
    batches: list[list[Event]] = []

    def tell(events: Events) -> bool:
        batches.append(list(events))
        return len(batches) < most

    async def play() -> None:
        response = Response(sent, reused=False)
        response.receive(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        arriving = asyncio.ensure_future(sent.arrive(response))
        with Answer(response, flow, Waiting()) as reading:
            while not reading.ended and len(batches) < most:
                await reading.more(tell)
        await arriving

    asyncio.run(play())
    assert sent.left
    return batches


def test_an_answer_is_read_until_its_last_event_and_then_closed() -> None:
    assert read(Sent(b"Hel", b"lo"), pipeline(asked(stream=True), streamed=True)) == [
        [*START, TextDelta("Hel")], [TextDelta("lo")], end("stop", 1),
    ]  # fmt: skip


def test_an_answer_waits_for_events_not_for_bytes() -> None:
    whole = json.dumps({"response": "Hello"}).encode()
    assert read(Sent(whole[:5], whole[5:]), pipeline(asked(), streamed=False)) == [
        [*START, TextDelta("Hello"), *end("stop", 1)]
    ]


def test_an_answer_that_is_left_early_is_closed() -> None:
    assert read(Sent(b"Hel", b"lo"), pipeline(asked(stream=True), streamed=True), most=1) == [
        [*START, TextDelta("Hel")]
    ]


def test_an_answer_that_breaks_off_ends_with_the_reason() -> None:
    error = UpstreamError("ARGO broke off")
    batches = read(Sent(b"Hel", error), pipeline(asked(stream=True), streamed=True))
    assert batches[-1] == [ReplyFailed(error)]


def test_a_large_answer_is_decoded_all_the_same() -> None:
    text = "word " * INLINE_BYTES
    [[*_, finished]] = read(Sent(json.dumps({"response": text}).encode()), pipeline(asked(), streamed=False))
    assert finished == ReplyFinished("stop", Usage(11, counter().count(text), estimated=True))


def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "MAX_ANSWER_BYTES", 1000)
    [[failed]] = read(Sent(*[b" " * 400] * 3), pipeline(asked(), streamed=False))
    assert isinstance(failed, ReplyFailed)
    assert failed.error.http_code == "answer_too_large"


def test_time_that_is_waited_adds_up() -> None:
    waiting = Waiting()
    totals = []
    for _ in range(2):
        with waiting:
            pass
        totals.append(waiting.total_s)
    assert 0 < totals[0] < totals[1]


class SwallowingStage:
    """A stage that breaks its law: its reply has no end."""

    def feed(self, event: Event) -> Events:
        return () if isinstance(event, ReplyFinished) else (event,)


def test_a_reply_that_lost_its_end_fails_and_nobody_waits_for_it() -> None:
    flow = Pipeline(decode_whole(), (SwallowingStage(),))
    flow.feed(b'{"response": "hello"}')
    *_, failed = flow.finish()
    assert isinstance(failed, ReplyFailed)
    assert failed.error.http_status == 500
    assert flow.ended
