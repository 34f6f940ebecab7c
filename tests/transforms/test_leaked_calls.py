import pytest

from argo_proxy.canonical.chat import ChatRequest, Message, Text, Tool, ToolCall, ToolChoice
from argo_proxy.canonical.collector import tell
from argo_proxy.transforms.leaked_calls import LeakedCallsStage, transform
from tests.known import card
from tests.transforms.staged import reply, staged

NAMES = {"search", "f"}
LEAK = "{'id': 'toolu_vrtx_01X', 'input': {'query': 'x'}, 'name': 'search', 'type': 'tool_use'}"
CALL = ToolCall("toolu_vrtx_01X", "search", '{"query": "x"}')


def leak(**members: object) -> str:
    return repr({"id": "toolu_1", "input": {}, "name": "f", "type": "tool_use", **members})


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (LEAK, CALL),
        (f"\n\n{LEAK}\n", CALL),
        (LEAK.replace("'", '"'), CALL),
        (LEAK.replace("'x'", "true"), ToolCall(CALL.call_id, "search", '{"query": true}')),
        (LEAK.replace("'x'", "[False, null]"), ToolCall(CALL.call_id, "search", '{"query": [false, null]}')),
        (LEAK.replace("x'}", "two\nlines'}"), ToolCall(CALL.call_id, "search", '{"query": "two\\nlines"}')),
        (LEAK.replace("'x'", '"it\'s"'), ToolCall(CALL.call_id, "search", '{"query": "it\'s"}')),
        (leak(caller={"type": "direct"}), ToolCall("toolu_1", "f", "{}")),
        ("{'id': 'toolu_1', 'name': 'f'}", ToolCall("toolu_1", "f", "{}")),
        ("{'name': 'f', 'input': {}, 'type': 'tool_use'}", ToolCall("", "f", "{}")),
    ],
)
def test_a_leaked_call_becomes_a_call(text: str, call: ToolCall) -> None:
    assert staged(LeakedCallsStage(NAMES), text) == reply(call, reason="tool_calls")


@pytest.mark.parametrize(
    "text",
    [
        "no call",
        leak(name="unknown"),
        leak(type="tool_result"),
        leak(type=""),
        leak(input=[]),
        leak(input=None),
        leak(id=None),
        leak(id="call_1", type=""),
        "{'id': 'toolu_1', 'type': 'tool_use'}",
        f"{LEAK[:-1]}",
        f"`{LEAK}`",
        f"```python\n{LEAK}\n```",
        "{'a': 1}",
        "def f(): return {'name': 'f'}",
    ],
)
def test_what_is_no_call_of_a_known_tool_stays_text(text: str) -> None:
    leaked = text.replace("'toolu_1'", "'x'") if "type': ''" in text else text
    assert staged(LeakedCallsStage(NAMES), leaked) == reply(leaked)


def test_calls_are_found_in_prose_one_after_the_other() -> None:
    other = ToolCall("toolu_1", "f", "{}")
    assert staged(LeakedCallsStage(NAMES), f"I look. {LEAK}\n{leak()} Wait.") == reply(
        "I look. ", CALL, other, " Wait.", reason="tool_calls"
    )


def test_an_answer_that_calls_of_itself_leaks_nothing() -> None:
    own = reply(LEAK, ToolCall("call_1", "f", "{}"), reason="tool_calls")
    stage = LeakedCallsStage(NAMES)
    assert [event for given in tell(own) for event in stage.feed(given)] == list(tell(own))


def test_only_models_that_leak_are_watched_and_only_when_they_may_call() -> None:
    request = ChatRequest("x", (Message("user", (Text("hi"),)),), tools=(Tool("f"),))
    silent = ChatRequest("x", request.messages, tools=request.tools, tool_choice=ToolChoice("none"))
    assert transform(request, card("gpt4o")).stage is None
    assert transform(silent, card("claudesonnet4")).stage is None
    watched = transform(request, card("claudesonnet4"))
    assert watched.request is request
    assert watched.stage is not None
    assert staged(watched.stage(), leak()).calls == (ToolCall("toolu_1", "f", "{}"),)
