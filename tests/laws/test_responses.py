"""Laws of the Responses API: there and back, as a stream and whole, at once and gone on from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Reply, Text, ToolCall, Usage
from argo_proxy.canonical.collector import tell
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import ArgumentsDelta, Event, ReplyFailed, TextDelta
from argo_proxy.dialects import openai_responses as dialect
from argo_proxy.relay.shaping import prepare
from tests.dialects.openai_responses.item_strategies import bodies, conversations, image, input_text, said
from tests.known import catalog, shaped
from tests.laws.strategies import cuts, law, places
from tests.laws.test_requests import CHAT, accepted, anything, mutated, refusal

Json = dict[str, Any]

brief_law = settings(law, max_examples=60)

EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
TOOLS: list[Json] = [
    {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}},
    {"type": "custom", "name": "patch", "format": {"type": "grammar", "syntax": "lark", "definition": "start: /.+/"}},
    {
        "type": "namespace",
        "name": "mail",
        "description": "Mail.",
        "tools": [{"type": "function", "name": "send"}, {"type": "custom", "name": "draft"}],
    },
    {"type": "tool_search", "execution": "client", "description": "Search.", "parameters": {"type": "object"}},
]
CALLED = ["f", "patch", "mail__send", "mail__draft", "tool_search", "unknown"]
written = st.sampled_from(["", "{}", '{"input": "*** é \\n"}', '{"query": "x"}', '{"a": "cut o', "[1]", "[" * 5000])
replies = st.builds(
    lambda parts, reason: Reply(tuple(parts), reason, Usage(7, 5, estimated=False)),
    st.lists(said.map(Text) | st.builds(ToolCall, st.just("call_1"), st.sampled_from(CALLED), written), max_size=5),
    st.sampled_from(["stop", "length", "tool_calls", "content_filter"]),
)
asked = st.fixed_dictionaries(
    {"model": st.just("argo:gpt-4o"), "input": said, "tools": st.just(TOOLS)},
    optional={
        "instructions": said,
        "metadata": st.just({"a": "b"}),
        "tool_choice": st.sampled_from(["none", "required", {"type": "custom", "name": "patch"}]),
        "text": st.sampled_from([{"format": {"type": "json_schema", "name": "x", "schema": {}}}, {"verbosity": "low"}]),
        "reasoning": st.sampled_from([{"effort": "low"}, {"summary": "auto"}]),
        "temperature": st.sampled_from([0, 0.5]),
        "store": st.booleans(),
    },
)


def parsed(body: Json) -> ChatRequest:
    return dialect.parse(json.dumps(body).encode())


def in_pieces(events: list[Event], at: list[int]) -> list[Event]:
    """The events with their deltas cut at these places."""
    cut: list[Event] = []
    for event in events:
        match event:
            case TextDelta(text) | ArgumentsDelta(text):
                cut += [type(event)(piece) for piece in cuts(text, at)]
            case _:
                cut.append(event)
    return cut


def told(renderer: dialect.ResponseStream, events: list[Event]) -> list[Json]:
    """The data of every frame of these events, each frame in the form that OpenAI has published."""
    frames = b"".join([renderer.feed(0, event) for event in events])
    if not isinstance(events[-1], ReplyFailed):
        frames += renderer.finish()
    data: list[Json] = []
    for frame in frames.decode().split("\n\n")[:-1]:
        kind, line = frame.split("\n")
        EVENT.validate_json(line.removeprefix("data: "), strict=True)
        data.append(json.loads(line.removeprefix("data: ")))
        assert kind == f"event: {data[-1]['type']}"
    assert [event["sequence_number"] for event in data] == list(range(len(data)))
    return data


def gathered(events: list[Json]) -> list[Json]:
    """The items as a client puts them together, each told once and in order."""
    items: list[Json] = []
    for event in events:
        match event["type"]:
            case "response.output_item.added":
                assert event["output_index"] == len(items)
                items.append({"id": event["item"]["id"], "said": "", "done": None, "item": None})
            case "response.output_item.done":
                assert items[-1]["said"] == items[-1]["done"] or event["item"]["type"] == "tool_search_call"
                items[-1]["item"] = event["item"]
            case kind if kind.endswith(".delta"):
                assert (event["item_id"], event["output_index"]) == (items[-1]["id"], len(items) - 1)
                items[-1]["said"] += event["delta"]
            case "response.output_text.done":
                items[-1]["done"] = event["text"]
            case "response.function_call_arguments.done":
                items[-1]["done"] = event["arguments"]
            case "response.custom_tool_call_input.done":
                items[-1]["done"] = event["input"]
            case _:
                pass
    assert all(item["item"] is None or item["item"]["id"] == item["id"] for item in items)
    return [item["item"] for item in items]


@brief_law
@given(body=asked, reply=replies, at=places)
def test_a_stream_says_what_the_whole_answer_says(body: Json, reply: Reply, at: list[int]) -> None:
    request = parsed(body)
    whole = dialect.render_whole(request, [reply], "1a", 17)
    events = told(dialect.render_stream(request, "1a", 17), in_pieces(list(tell(reply)), at))
    Response.model_validate_json(whole, strict=True)
    assert events[-1]["response"] == json.loads(whole)
    assert gathered(events) == events[-1]["response"]["output"]


@brief_law
@given(body=asked, reply=replies, at=places, broken=st.integers(0, 30))
def test_a_stream_may_break_off_anywhere(body: Json, reply: Reply, at: list[int], broken: int) -> None:
    events = [*in_pieces(list(tell(reply)), at)[:-1][:broken], ReplyFailed(UpstreamError("broke off"))]
    frames = told(dialect.render_stream(parsed(body), "1a", 17), events)
    assert frames[-1]["type"] == "response.failed"
    assert frames[-1]["response"]["error"]["message"] == "broke off"
    done = [item for item in gathered(frames) if item is not None]
    output = frames[-1]["response"]["output"]
    assert output[: len(done)] == done
    assert [item["status"] for item in output[len(done) :]] in ([], ["incomplete"])
    assert (frames[0]["type"] == "error") == (broken == 0)


@brief_law
@given(body=asked, before=conversations(input_text, image), reply=replies, after=said)
def test_what_is_kept_can_be_gone_on_from_as_if_it_were_sent_again(
    body: Json, before: str | list[Json], reply: Reply, after: str
) -> None:
    first = parsed({**body, "input": before})
    response = dialect.encode(dialect.whole(first, reply, "1a", 17, 17))
    history = dialect.history_of(response, dialect.conversation_of(first, "1a"))
    more = {"role": "user", "content": after}
    going_on = dialect.continued(parsed({**body, "input": [more], "previous_response_id": "resp_1a"}), history, ())
    sent = [{"role": "user", "content": before}] if isinstance(before, str) else before
    inline = parsed({**body, "input": [*sent, *json.loads(response)["output"], more]})
    assert (going_on.messages, going_on.tools) == (inline.messages, inline.tools)
    assert all(item.id for item in history)


@brief_law
@given(before=conversations(input_text, image))
def test_every_item_of_a_kept_conversation_is_listed_once(before: str | list[Json]) -> None:
    kept = dialect.conversation_of(parsed({"input": before}), "1a")
    every = json.loads(kept)
    pages = [json.loads(dialect.render_page(kept, after=None, limit=100, order=order)) for order in ("asc", "desc")]
    assert [page["data"] for page in pages] == [every, every[::-1]]
    assert all(item["id"] for item in every)


@pytest.mark.parametrize("family", ["openai", "anthropic", "google"])
def test_what_the_proxy_sends_is_what_the_strictest_gateway_takes(family: str) -> None:
    cards = [card for card in CHAT if card.provider == family]

    @brief_law
    @given(data=st.data(), card=st.sampled_from(cards), prompted=st.booleans(), real_stream=st.booleans())
    def holds(data: st.DataObject, card: ModelCard, prompted: bool, real_stream: bool) -> None:
        body = data.draw(bodies(input_text, image) if card.images else bodies(input_text))
        request = replace(parsed(body), model=card.id)
        known = catalog().chat(card.id)
        known = replace(known, tools=known.tools and not prompted)
        accepted(prepare(shaped(request, known), Caller("me"), real_stream=real_stream))
        accepted(prepare(shaped(dialect.summarizing(request), known), Caller("me"), real_stream=real_stream))

    holds()


@brief_law
@given(
    body=bodies(input_text, image),
    path=st.lists(st.integers(0, 50), min_size=1, max_size=6),
    value=anything | st.integers(-(2**70), 2**70) | st.just("\ud800"),
)
def test_a_request_with_one_wrong_value_is_refused_by_parameter(body: Json, path: list[int], value: object) -> None:
    error = refusal(json.dumps(mutated(body, path, value)).encode(), dialect.parse)
    if error is not None and "not valid JSON" not in error.message:
        assert error.param
        assert error.param.partition("[")[0].partition(".")[0] in {*body, "input"}
