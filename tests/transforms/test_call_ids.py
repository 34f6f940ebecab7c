from itertools import count

from argo_proxy.canonical.chat import ChatRequest, Message, Reply, Text, Tool, ToolCall
from argo_proxy.transforms.call_ids import CallIdStage, transform
from tests.known import card
from tests.transforms.staged import staged

HI = Message("user", (Text("hi"),))
MADE = Message("assistant", (ToolCall("call_old", "f", "{}"),))
REQUEST = ChatRequest("x", (HI, MADE), tools=(Tool("f"),))


def ids(reply: Reply) -> list[str]:
    return [call.call_id for call in reply.calls]


def told(*call_ids: str, used: tuple[str, ...] = ()) -> list[str]:
    numbers = count(1)
    stage = CallIdStage(used, lambda: f"call_new{next(numbers)}")
    return ids(staged(stage, "text", *(ToolCall(call_id, "f", "{}") for call_id in call_ids)))


def test_an_id_in_openais_form_is_kept() -> None:
    assert told("call_1", "call_2") == ["call_1", "call_2"]


def test_an_id_that_is_missing_or_of_another_form_is_replaced() -> None:
    assert told("", "toolu_1", "call_1") == ["call_new1", "call_new2", "call_1"]


def test_an_id_that_was_used_before_is_replaced() -> None:
    assert told("call_1", "call_1", "call_0", used=("call_0",)) == ["call_1", "call_new1", "call_new2"]


def test_the_ids_of_the_conversation_are_not_given_again() -> None:
    stage = transform(REQUEST, card("gpt4o"), new_id=lambda: "call_new").stage
    assert stage is not None
    assert ids(staged(stage(), ToolCall("call_old", "f", "{}"))) == ["call_new"]
    assert ids(staged(stage(), ToolCall("call_x", "f", "{}"))) == ["call_x"]


def test_requests_without_tools_are_left_alone() -> None:
    request = ChatRequest("x", (HI,))
    done = transform(request, card("gpt4o"), new_id=str)
    assert done.request is request
    assert done.stage is None
