"""The law of calls: what a model has called comes back to it, and what it calls comes to the client, with no loss."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_proxy.canonical.chat import ChatRequest, Message, Text, ToolCall, ToolResult
from argo_proxy.canonical.collector import collect
from argo_proxy.simulator.models import MODELS
from argo_proxy.simulator.strict import check_chat
from argo_proxy.simulator.strict.ask import Ask, read_turns
from argo_proxy.simulator.strict.body import read_chat
from argo_proxy.upstreams import UPSTREAMS
from argo_proxy.upstreams.resource.reply import decode_whole
from tests.known import card
from tests.laws.strategies import law, text

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(text, values, max_size=4)
written = st.tuples(objects, st.booleans(), st.sampled_from([None, 1])).map(
    lambda drawn: json.dumps(drawn[0], ensure_ascii=drawn[1], indent=drawn[2])
)
rounds = st.lists(st.lists(st.tuples(st.sampled_from(["f", "g_1"]), written), min_size=1, max_size=3), max_size=3)


def history(drawn: list[list[tuple[str, str]]], said: str) -> tuple[Message, ...]:
    """Rounds of calls with their results, as the transforms leave them."""
    messages = [Message("user", (Text("hi"),))]
    for at, made in enumerate(drawn):
        calls = [ToolCall(f"c{at}_{n}", name, arguments) for n, (name, arguments) in enumerate(made)]
        messages.append(Message("assistant", (Text(said), *calls)))
        messages.append(Message("tool", tuple(ToolResult(call.call_id, (Text("done"),)) for call in calls)))
    return tuple(messages)


def wired(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The past calls in a body, as their provider spells them."""
    blocks = [block for message in messages for block in message.get("content") or () if isinstance(block, dict)]
    uses = [block for block in blocks if block["type"] == "tool_use"]
    return uses or [call for message in messages for call in message.get("tool_calls", ())]


def told(calls: tuple[ToolCall, ...]) -> list[tuple[str, str, object]]:
    return [(call.call_id, call.name, json.loads(call.arguments)) for call in calls]


@pytest.mark.parametrize("model", ["gpt4o", "claudesonnet4", "gemini25pro"])
def test_a_call_keeps_its_name_id_and_arguments_there_and_back(model: str) -> None:
    @law
    @given(drawn=rounds, said=text)
    def holds(drawn: list[list[tuple[str, str]]], said: str) -> None:
        messages = history(drawn, said)
        body = UPSTREAMS[card(model).upstream].encode(ChatRequest(model, messages), card(model), "me")
        read = read_chat(body)
        check_chat(Ask(read, MODELS[model], read_turns(read)))
        decoder = decode_whole()
        decoder.feed(json.dumps({"response": {"tool_calls": wired(json.loads(body)["messages"])}}).encode())
        before = [call for message in messages for call in message.calls]
        assert told(collect(decoder.finish()).calls) == told(tuple(before))

    holds()
