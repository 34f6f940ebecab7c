import pytest

from argo_proxy.canonical.errors import BadRequest, Unsupported
from argo_proxy.dialects.openai_responses.items import (
    InputText,
    ItemReference,
    Message,
    OutputText,
    Reasoning,
    left_out,
    more_tools,
    output_id,
    read_items,
    references,
    reply_of,
    with_ids,
)
from tests.dialects.openai_responses.asking import F, call, items, result, user


def test_a_string_is_a_message_of_the_user() -> None:
    assert read_items("hi") == (Message("user", [InputText("hi")], status="completed"),)
    assert items(user("hi")) == read_items("hi")


def test_text_is_spelled_out_as_the_part_that_its_role_has() -> None:
    assert items({"role": "assistant", "content": "a"}) == (
        Message("assistant", [OutputText("a")], status="completed"),
    )
    (kept,) = items(
        {"type": "message", "role": "assistant", "content": [], "status": "incomplete", "phase": "commentary"}
    )
    assert kept == Message("assistant", [], status="incomplete", phase="commentary")


def test_what_sdks_leave_null_is_no_fault() -> None:
    part = {"type": "output_text", "text": "a", "annotations": None, "logprobs": None}
    (read,) = items({"role": "assistant", "content": [part], "id": None, "status": None, "phase": None})
    assert read == Message("assistant", [OutputText("a", None, None)], status="completed")


def test_what_has_no_type_is_a_message_or_a_reference() -> None:
    assert items({"id": "msg_1"}, {"type": None, **user()}) == (ItemReference("msg_1"), *items(user()))
    assert items({"id": "msg_1", **user()}) == (Message("user", [InputText("hi")], id="msg_1", status="completed"),)


def test_calls_and_results_have_a_status() -> None:
    assert [item.status for item in items(call(), result("x"), call(status="incomplete"))] == [
        "completed", "completed", "incomplete",
    ]  # fmt: skip


def test_traces_of_hosted_tools_are_left_out_and_told() -> None:
    given = [user(), {"type": "web_search_call", "id": "ws_1"}, {"type": "mcp_list_tools"}, {"type": "web_search_call"}]
    assert read_items(given) == items(user())
    assert left_out(given) == ("web_search_call dropped", "mcp_list_tools dropped")
    assert left_out("hi") == ()


def test_items_of_openais_own_service_are_refused() -> None:
    with pytest.raises(Unsupported, match="'computer_call'") as caught:
        items(user(), {"type": "computer_call"})
    assert caught.value.param == "input[1].type"


@pytest.mark.parametrize("kind", ["nonsense", 5, ["computer_call"], {}])
def test_a_type_that_is_none_is_refused_by_place(kind: object) -> None:
    with pytest.raises(BadRequest) as caught:
        items(user(), {"type": kind})
    assert caught.value.param == "input[1].type"


def test_items_are_kept_under_ids_that_lead_to_the_reply() -> None:
    kept = with_ids(items(user(), {**user(), "id": "mine"}, call(), result("x"), {"type": "reasoning"}), "1a")
    assert [item.id for item in kept] == ["msg_1ai0", "mine", "fc_1ai2", "fco_1ai3", "rs_1ai4"]
    assert [reply_of(item.id or "") for item in kept] == ["1a", None, "1a", "1a", "1a"]
    assert reply_of(output_id("msg", "1a", 12)) == "1a"


@pytest.mark.parametrize("item_id", ["", "x", "msg_1", "msg_1ao", "msg_1aox", "1aio"])
def test_other_ids_lead_nowhere(item_id: str) -> None:
    assert reply_of(item_id) is None


def test_what_comes_up_in_the_conversation() -> None:
    conversation = items(
        {"type": "additional_tools", "role": "developer", "tools": [F]},
        user(),
        {"type": "item_reference", "id": "msg_1"},
        {"type": "tool_search_output", "tools": [{**F, "name": "g"}]},
    )
    assert [tool["name"] for tool in more_tools(conversation)] == ["f", "g"]
    assert list(references(conversation)) == ["msg_1"]


def test_reasoning_is_kept_as_it_is() -> None:
    assert items({"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "t"}]}) == (
        Reasoning([{"type": "summary_text", "text": "t"}], "rs_1"),
    )
