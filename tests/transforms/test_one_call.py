import pytest

from argo_proxy.canonical.chat import ChatRequest, Message, Text, Tool, ToolCall
from argo_proxy.transforms.one_call import OneCallStage, transform
from tests.known import card
from tests.transforms.staged import reply, staged

F, G = ToolCall("call_1", "f", "{}"), ToolCall("call_2", "g", '{"x": 1}')


@pytest.mark.parametrize(
    ("parts", "left"),
    [
        (["hi"], ["hi"]),
        ([F], [F]),
        ([F, G], [F]),
        (["a", G, F, "b", F, "c"], ["a", G, "b", "c"]),
        ([ToolCall("", "f", ""), F], [ToolCall("", "f", "")]),
    ],
)
def test_only_the_first_call_is_passed_on(parts: list[str | ToolCall], left: list[str | ToolCall]) -> None:
    assert staged(OneCallStage(), *parts, reason="tool_calls") == reply(*left, reason="tool_calls")


@pytest.mark.parametrize(("parallel", "tools", "limited"), [(False, "f", True), (True, "f", False), (False, "", False)])
def test_calls_are_limited_for_who_asks_for_it(parallel: bool, tools: str, limited: bool) -> None:
    hi = (Message("user", (Text("hi"),)),)
    request = ChatRequest("x", hi, tuple(map(Tool, tools)), parallel_tools=parallel)
    done = transform(request, card("gpt4o"))
    assert done.request is request
    assert (done.stage is not None) is limited
