import pytest
from msgspec import UNSET, to_builtins

from argo_proxy.canonical.chat import Text, ToolCall
from argo_proxy.dialects.openai_responses.output import Outlet
from argo_proxy.dialects.openai_responses.tools import read_tools
from tests.dialects.openai_responses.asking import SEARCH, F, namespace

OUTLET = Outlet("1a", read_tools([F, namespace("mail", F, {"type": "custom", "name": "g"}), SEARCH]))


def told(part: Text | ToolCall) -> object:
    return to_builtins(OUTLET.item(part, 2, "completed"))


def test_text_is_a_message() -> None:
    assert told(Text("a")) == {
        "type": "message",
        "id": "msg_1ao2",
        "status": "completed",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "a", "annotations": [], "logprobs": []}],
    }


@pytest.mark.parametrize(
    ("name", "arguments", "item"),
    [
        ("f", "{", {"type": "function_call", "id": "fc_1ao2", "name": "f", "arguments": "{"}),
        ("gone", "", {"type": "function_call", "id": "fc_1ao2", "name": "gone", "arguments": ""}),
        (
            "mail__f",
            "{}",
            {"type": "function_call", "id": "fc_1ao2", "name": "f", "namespace": "mail", "arguments": "{}"},
        ),
        (
            "mail__g",
            '{"input": "a"}',
            {"type": "custom_tool_call", "id": "ctc_1ao2", "name": "g", "namespace": "mail", "input": "a"},
        ),
        (
            "tool_search",
            '{"query": "a"}',
            {"type": "tool_search_call", "id": "tsc_1ao2", "execution": "client", "arguments": {"query": "a"}},
        ),
    ],
)
def test_a_call_comes_back_as_what_the_client_knows(name: str, arguments: str, item: dict[str, object]) -> None:
    assert told(ToolCall("call_1", name, arguments)) == {**item, "call_id": "call_1", "status": "completed"}


@pytest.mark.parametrize("arguments", ["", "[1]", "{", '{"a":' * 5000])
def test_a_search_without_proper_arguments_has_none(arguments: str) -> None:
    assert to_builtins(OUTLET.item(ToolCall("c", "tool_search", arguments), 0, "completed"))["arguments"] == {}


def test_an_item_begins_empty() -> None:
    message = OUTLET.begun(Text(""), 0)
    assert to_builtins(message) == {
        "type": "message", "id": "msg_1ao0", "status": "in_progress", "role": "assistant", "content": [],
    }  # fmt: skip
    call = OUTLET.begun(ToolCall("c", "f", ""), 1)
    assert (call.id, call.status, getattr(call, "namespace", None)) == ("fc_1ao1", "in_progress", UNSET)
