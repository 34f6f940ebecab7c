"""Laws of the way back: from the bytes of an answer to what the client is told."""

import codecs
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.chat import ChatRequest, Message, Reply, Sampling, Text, Tool
from argo_proxy.canonical.collector import Collector, collect
from argo_proxy.canonical.errors import ProxyError, UpstreamError
from argo_proxy.canonical.events import ArgumentsDelta, Event, ReplyFailed, ReplyFinished, TextDelta
from argo_proxy.canonical.spokes import Decoder
from argo_proxy.dialects.openai_chat import render_stream, render_whole
from argo_proxy.dialects.openai_chat.request import OF_OLD
from argo_proxy.relay.answer import Pipeline
from argo_proxy.relay.prepared import Prepared
from argo_proxy.relay.shaping import prepare, stages_for
from argo_proxy.transforms.tool_names import safe_name
from argo_proxy.upstreams.faults import GATEWAY_FAULTS
from argo_proxy.upstreams.notices import AUTHENTICATION
from argo_proxy.upstreams.resource.reply import decode_stream, decode_whole
from tests.known import card, counter, shaped
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
    prepared = Prepared(request, card(request.model or ""), "me", streamed, b"")
    return Pipeline(decoder, stages_for(prepared, counter().meter(11)))


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
    frames_add_up(request, streamed_call(request, answer.encode(), at))


def frames_add_up(request: ChatRequest, events: list[Event]) -> None:
    """What a client gathers of a stream of these events, in each choice, is what the whole answer tells."""
    if isinstance(events[-1], ReplyFailed):
        return
    renderer = render_stream(request, "1a", 17)
    fed = b"".join(renderer.feed(choice, event) for event in events for choice in range(request.choices))
    chunks = [json.loads(frame[6:]) for frame in (fed + renderer.finish()).decode().split("\n\n")[:-2]]
    whole = json.loads(render_whole(request, [collect(events)] * request.choices, "1a", 17))
    assert [gathered(chunks, at) for at in range(request.choices)] == [
        (without_nulls(choice["message"]), [choice["finish_reason"]]) for choice in whole["choices"]
    ]
    assert {(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks} == {
        (whole["id"], whole["created"], whole["model"])
    }
    assert chunks[-1].get("usage") == (whole["usage"] if request.stream_usage else None)


def gathered(chunks: list[dict[str, Any]], at: int) -> tuple[dict[str, object], list[str]]:
    """The message of a choice, and its finish reasons: there must be one."""
    choices = [choice for chunk in chunks for choice in chunk["choices"] if choice["index"] == at]
    message: dict[str, Any] = {}
    for choice in choices:
        add(message, choice["delta"])
    message |= {"tool_calls": [without_index(call) for call in message.get("tool_calls", ())]}
    return without_nulls(message), [choice["finish_reason"] for choice in choices if choice["finish_reason"]]


def add(told: dict[str, Any], delta: dict[str, Any]) -> None:
    """As clients do it: texts are joined, objects merged, and members of lists found by their `index`."""
    for key, value in delta.items():
        match value:
            case str() if key in ("content", "arguments"):
                told[key] = (told.get(key) or "") + value
            case dict():
                add(told.setdefault(key, {}), value)
            case list():
                for member in value:
                    members = told.setdefault(key, [])
                    members += [{}] * (member["index"] == len(members))
                    add(members[member["index"]], member)
            case _:
                assert told.get(key) in (None, value), f"{key} is told twice"
                told[key] = value


def without_index(call: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in call.items() if key != "index"}


def without_nulls(message: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in message.items() if value}


TOOLS = (Tool("f"), Tool("files.search"))
Offer = tuple[ChatRequest, bool]
"""A request with tools, and whether they are put into words."""


def offers(*models: str, prompted: bool = False) -> st.SearchStrategy[Offer]:
    def offer(request: ChatRequest, model: str, parallel: bool, echo: str | None) -> Offer:
        tools = {"tools": TOOLS, "parallel_tools": parallel and echo is None, "echo": echo}
        return replace(request, model=model, **tools), prompted

    return st.builds(offer, requests, st.sampled_from(models), st.booleans(), st.sampled_from([None, None, OF_OLD]))


def offering(offer: Offer, *, stream: bool, streamed: bool) -> Pipeline:
    """The way of an answer to this offer, for a client that streams or not, through a call that streams or not."""
    request, prompted = offer
    known = card(request.model or "")
    ready = shaped(replace(request, stream=stream), replace(known, tools=known.tools and not prompted))
    prepared = replace(prepare(ready, Caller("me"), real_stream=True), streamed=streamed)
    decoder = decode_stream() if streamed else decode_whole()
    return Pipeline(decoder, stages_for(prepared, counter().meter(11)))


def whole_and_stream_agree(offer: Offer, response: object, at: list[int]) -> Reply | tuple[int, str, str | None]:
    """The outcome for one who streams and for one who does not, of the same answer in the same or other pieces."""
    body = json.dumps({"response": response}).encode()
    whole = events_of(offering(offer, stream=False, streamed=False), [body])
    stream = events_of(offering(offer, stream=True, streamed=False), cuts(body, at))
    assert outcome(stream) == outcome(whole)
    frames_add_up(offer[0], stream)
    kept_to_the_grammar(stream)
    return outcome(whole)


def kept_to_the_grammar(events: list[Event]) -> None:
    outcome(events)
    assert [type(event) in (ReplyFinished, ReplyFailed) for event in events] == [False] * (len(events) - 1) + [True]
    assert all(event.text for event in events if isinstance(event, TextDelta | ArgumentsDelta))


def is_told_rightly(offer: Offer, told: Reply | tuple[int, str, str | None]) -> None:
    """The reason and the calls of a reply fit each other and what was asked for."""
    if not isinstance(told, Reply):
        return
    request, _ = offer
    ids = [call.call_id for call in told.calls]
    assert len(set(ids)) == len(ids)
    assert all(call_id.startswith("call_") for call_id in ids)
    assert request.parallel_tools or len(ids) <= 1
    assert (told.reason == "tool_calls") <= bool(ids)
    if not request.sampling.stop:
        assert bool(ids) <= (told.reason in ("tool_calls", "length"))


arguments = st.sampled_from([{}, {"a": 1}, {"text": 'é "\n', "deep": [{"b": None}]}, {"long": "word " * 20}])
called = st.tuples(st.sampled_from(["f", "files.search", safe_name("files.search"), "unknown"]), arguments)
ids = st.sampled_from([None, "", "call_1", "call_2", "toolu_vrtx_01"])
beside = st.none() | st.just("") | speech


def openai_call(call: tuple[str, object], call_id: object, written: object) -> object:
    function = {"name": call[0], "arguments": json.dumps(call[1]) if written is None else written}
    return {"id": call_id, "type": "function", "function": function}


def anthropic_call(call: tuple[str, object], call_id: object, _: object) -> object:
    return {"id": call_id, "type": "tool_use", "name": call[0], "input": call[1]}


def google_call(call: tuple[str, object], call_id: object, _: object) -> object:
    return {"id": call_id, "name": call[0], "args": call[1]}


written = st.sampled_from([None, None, "", '{"a": "cut o', "{'a': 1}", {"a": 1}, "null"])


@pytest.mark.parametrize(
    ("model", "spelled"),
    [("argo:gpt-4o", openai_call), ("argo:claude-4-sonnet", anthropic_call), ("argo:gemini-2.5-pro", google_call)],
    ids=["openai", "anthropic", "google"],
)
def test_calls_are_told_alike_in_a_stream_and_in_a_whole_answer(model: str, spelled: Any) -> None:
    @law
    @given(
        offer=offers(model),
        content=beside,
        calls=st.lists(st.builds(spelled, called, ids, written), max_size=3),
        at=places,
    )
    def holds(offer: Offer, content: str | None, calls: list[object], at: list[int]) -> None:
        told = whole_and_stream_agree(offer, {"content": content, "tool_calls": calls}, at)
        is_told_rightly(offer, told)
        if isinstance(told, Reply) and not offer[0].sampling.stop and calls:
            assert len(told.calls) == (len(calls) if offer[0].parallel_tools else 1)
            assert (told.text.strip() or None) == ((content or "").strip() or None)

    holds()


LEAKED = "{'id': 'toolu_vrtx_01', 'input': {'a': true, 'b': 'it\\'s'}, 'name': 'f', 'type': 'tool_use'}"
leaks = st.lists(
    st.one_of(
        st.sampled_from(
            [LEAKED, LEAKED.replace("'f'", "'g'"), LEAKED[:40], LEAKED[1:], "{", "}", "`", "```\n", "{'id': "]
        ),
        speech,
    ),
    max_size=6,
).map("".join)


@law
@given(offer=offers("argo:claude-4-sonnet", "argo:gpt-4o"), text=leaks, at=places)
@example(offer=(replace(ChatRequest("argo:claude-4-sonnet", ()), tools=TOOLS), False), text=LEAKED * 2, at=[])
def test_leaked_calls_are_told_alike_in_a_stream_and_in_a_whole_answer(offer: Offer, text: str, at: list[int]) -> None:
    is_told_rightly(offer, whole_and_stream_agree(offer, text, at))


WRITTEN = '<tool_call>\n{"name": "f", "arguments": {"a": "</tool_call>"}}\n</tool_call>'
marks = ["<tool_call>", "</tool_call>", '<tool_result name="f">', "<tool", "<", "`", "```\n", "\n", "END"]
prompted_texts = st.lists(
    st.one_of(
        st.sampled_from(
            [
                WRITTEN,
                WRITTEN.replace('"f"', '"files.search"').replace("\n", ""),
                WRITTEN.replace('{"a"', "{'a'"),
                WRITTEN[:-12],
                WRITTEN[:30],
                '<tool_call>[{"name": "f"}, {"name": "g", "input": {"b": None,}}]</tool_call>',
                '<tool_call>{"name": "f", "arguments": "{}"}',
                *marks,
            ]
        ),
        speech,
    ),
    max_size=7,
).map("".join)
prompted_offers = offers("argo:gpt-4o", "argo:claude-4-sonnet", "argo:gemini-2.5-pro", "argo:o1-mini", prompted=True)


@law
@given(offer=prompted_offers, text=prompted_texts, at=places)
def test_calls_in_words_are_the_same_however_the_answer_is_cut(offer: Offer, text: str, at: list[int]) -> None:
    data = text.encode()
    stream = events_of(offering(offer, stream=True, streamed=True), cuts(data, at))
    assert outcome(stream) == outcome(events_of(offering(offer, stream=True, streamed=True), [data]))
    assert outcome(stream) == whole_and_stream_agree(offer, text, at)
    frames_add_up(offer[0], stream)
    kept_to_the_grammar(stream)
    is_told_rightly(offer, outcome(stream))


@law
@given(offer=prompted_offers, text=speech, at=places)
def test_a_call_in_words_is_found_wherever_it_stands(offer: Offer, text: str, at: list[int]) -> None:
    if "`" in text or "~" in text or "<" in text or offer[0].sampling.stop or offer[0].sampling.max_tokens:
        return
    whole = f"{text}{WRITTEN}".encode()
    told = outcome(events_of(offering(offer, stream=True, streamed=True), cuts(whole, at)))
    if isinstance(told, Reply):
        [call] = told.calls
        assert (call.name, json.loads(call.arguments), told.reason) == ("f", {"a": "</tool_call>"}, "tool_calls")
        assert told.text == ("" if text.isspace() else text)
