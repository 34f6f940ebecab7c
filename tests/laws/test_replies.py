"""Laws of the way back: from the bytes of an answer to what the client is told."""

import codecs
import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_proxy.canonical.chat import ChatRequest, Message, Reply, Sampling, Text
from argo_proxy.canonical.errors import ProxyError, UpstreamError
from argo_proxy.canonical.events import Collector, Event, ReplyFailed, ReplyFinished, TextDelta, collect
from argo_proxy.canonical.spokes import Decoder
from argo_proxy.dialects.openai_chat import render_stream, render_whole
from argo_proxy.relay.answer import Pipeline
from argo_proxy.relay.shaping import Prepared, Shaped, stages_for
from argo_proxy.upstreams.faults import GATEWAY_FAULTS
from argo_proxy.upstreams.notices import AUTHENTICATION
from argo_proxy.upstreams.resource.reply import decode_stream, decode_whole
from tests.known import card, counter
from tests.laws.strategies import cuts, damaged, law, places, speech

answers = st.one_of(
    speech,
    st.tuples(st.sampled_from(["", " ", "\n* ", "x" * 490]), st.sampled_from([AUTHENTICATION, *GATEWAY_FAULTS]), speech)
    .map("".join),
)  # fmt: skip
stops = st.lists(st.sampled_from(["END", "EN", "N", "\n", "lo wo", "🦜", " ", "AUTHENTICATION", "zzz"]), max_size=4)
requests = st.builds(
    lambda model, stream, choices, usage, limit, stop: ChatRequest(
        model, (Message("user", (Text("hi"),)),), sampling=Sampling(max_tokens=limit, stop=tuple(stop)),
        choices=choices, stream=stream, stream_usage=usage,
    ),
    st.sampled_from(["argo:gpt-4o", "argo:gpt-5", "argo:claude-4-sonnet"]),
    st.booleans(),
    st.integers(1, 3),
    st.booleans(),
    st.one_of(st.none(), st.integers(1, 12)),
    stops,
)  # fmt: skip


def pipeline(request: ChatRequest, decoder: Decoder, *, streamed: bool) -> Pipeline:
    prepared = Prepared(Shaped(request, card(request.model or "")), "me", streamed, b"")
    return Pipeline(decoder, stages_for(prepared, counter().meter(), 11))


def whole_call(request: ChatRequest, answer: str, at: list[int]) -> list[Event]:
    body = json.dumps({"response": answer}).encode()
    return events_of(pipeline(request, decode_whole(), streamed=False), cuts(body, at))


def streamed_call(request: ChatRequest, answer: bytes, at: list[int]) -> list[Event]:
    return events_of(pipeline(request, decode_stream(), streamed=True), cuts(answer, at))


def events_of(flow: Pipeline, pieces: Iterable[bytes]) -> list[Event]:
    events: list[Event] = []
    for piece in pieces:
        if not flow.ended:
            events += flow.feed(piece)
    return [*events, *flow.finish()]


def outcome(events: list[Event]) -> Reply | tuple[int, str, str | None]:
    """The reply, or the status, message and code of the error."""
    try:
        return collect(events)
    except ProxyError as error:
        return error.http_status, error.message, error.http_code


@law
@given(data=damaged, at=places)
def test_a_streamed_answer_is_its_bytes_however_they_are_cut(data: bytes, at: list[int]) -> None:
    decoder = decode_stream()
    events = [event for piece in cuts(data, at) for event in decoder.feed(piece)]
    whole = codecs.getincrementaldecoder("utf-8")("replace")
    text = whole.decode(data)
    if whole.getstate()[0]:
        with pytest.raises(UpstreamError, match="inside a character"):
            collect([*events, *decoder.finish()])
    else:
        assert collect([*events, *decoder.finish()]).text == text
    assert all(event.text for event in events if isinstance(event, TextDelta))


@law
@given(data=st.one_of(damaged, damaged.map(lambda data: b'{"response": "%s"}' % data)), at=places)
def test_a_whole_answer_is_the_same_however_it_is_cut(data: bytes, at: list[int]) -> None:
    cut, uncut = decode_whole(), decode_whole()
    assert all(list(cut.feed(piece)) == [] for piece in cuts(data, at))
    uncut.feed(data)
    assert outcome(list(cut.finish())) == outcome(list(uncut.finish()))


@law
@given(request=requests, data=st.one_of(damaged, answers.map(str.encode)), at=places)
def test_how_an_answer_was_cut_changes_nothing(request: ChatRequest, data: bytes, at: list[int]) -> None:
    assert outcome(streamed_call(request, data, at)) == outcome(streamed_call(request, data, []))


@law
@given(request=requests, answer=answers, at=places)
def test_a_stream_says_what_the_whole_answer_says(request: ChatRequest, answer: str, at: list[int]) -> None:
    streamed = streamed_call(request, answer.encode(), at)
    assert outcome(streamed) == outcome(whole_call(request, answer, at))


@law
@given(request=requests, data=st.one_of(damaged, answers.map(str.encode)), at=places, streamed=st.booleans())
def test_every_reply_keeps_to_the_grammar_and_ends_once(
    request: ChatRequest, data: bytes, at: list[int], streamed: bool
) -> None:
    decoder = decode_stream() if streamed else decode_whole()
    events = events_of(pipeline(request, decoder, streamed=streamed), cuts(data, at))
    outcome(events)
    assert [type(event) in (ReplyFinished, ReplyFailed) for event in events] == [False] * (len(events) - 1) + [True]
    assert all(event.text for event in events if isinstance(event, TextDelta))


@law
@given(request=requests, data=damaged, at=places, broken=st.integers(0, 12))
def test_a_reply_may_break_off_anywhere(request: ChatRequest, data: bytes, at: list[int], broken: int) -> None:
    flow = pipeline(request, decode_stream(), streamed=True)
    events: list[Event] = []
    for piece in cuts(data, at)[:broken]:
        events += [] if flow.ended else flow.feed(piece)
    collector = Collector()
    for event in [] if flow.ended else events:
        collector.feed(event)
    [failed] = flow.fail(UpstreamError("broke off"))
    assert isinstance(failed, ReplyFailed)
    assert list(flow.finish()) == []


@law
@given(request=requests, answer=answers, at=places)
def test_the_frames_of_a_stream_add_up_to_the_whole_answer(request: ChatRequest, answer: str, at: list[int]) -> None:
    events = streamed_call(request, answer.encode(), at)
    if isinstance(events[-1], ReplyFailed):
        return
    renderer = render_stream(request, "1a", 17)
    fed = b"".join(renderer.feed(choice, event) for event in events for choice in range(request.choices))
    chunks = [json.loads(frame[6:]) for frame in (fed + renderer.finish()).decode().split("\n\n")[:-2]]
    whole = json.loads(render_whole(request, [collect(events)] * request.choices, "1a", 17))
    assert added_up(chunks, request.choices) == [
        (choice["message"]["content"], choice["finish_reason"]) for choice in whole["choices"]
    ]
    assert {(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks} == {
        (whole["id"], whole["created"], whole["model"])
    }
    assert chunks[-1].get("usage") == (whole["usage"] if request.stream_usage else None)


def added_up(chunks: list[dict[str, list[dict[str, object]]]], count: int) -> list[tuple[str, object]]:
    """Text and finish reason of each choice; a second finish reason would show."""
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    texts = ["".join(c["delta"].get("content", "") for c in choices if c["index"] == at) for at in range(count)]
    reasons = [[c["finish_reason"] for c in choices if c["index"] == at and c["finish_reason"]] for at in range(count)]
    return [(text, *told) for text, told in zip(texts, reasons, strict=True)]
