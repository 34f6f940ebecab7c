import json
from typing import Any

import pytest

from argo_proxy.canonical.chat import Text, ToolCall
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.openai_responses import (
    continued,
    conversation_of,
    encode,
    history_of,
    interrupted,
    render_deleted,
    render_page,
    stands,
    whole,
)
from tests.dialects.openai_responses.asking import items, parsed, reply, user
from tests.dialects.openai_responses.item_strategies import PNG

ITEMS = conversation_of(parsed(user("a"), user("b"), user("c")), "1a")


def page(after: str | None = None, limit: int = 20, order: str = "desc", kept: bytes = ITEMS) -> Any:
    return json.loads(render_page(kept, after=after, limit=limit, order=order))


def test_the_history_is_what_was_asked_and_what_was_answered() -> None:
    first = parsed(user("a"), {"type": "web_search_call"})
    body = encode(whole(first, reply(Text("b"), ToolCall("c", "f", "{}")), "1a", 17, 18))
    history = history_of(body, conversation_of(first, "1a"))
    assert [item.id for item in history] == ["msg_1ai0", "msg_1ao0", "fc_1ao1"]
    second = continued(parsed(user("d"), previous_response_id="resp_1a"), history, ())
    assert [item["id"] for item in json.loads(conversation_of(second, "2b"))] == [
        "msg_1ai0", "msg_1ao0", "fc_1ao1", "msg_2bi0",
    ]  # fmt: skip


def test_items_are_kept_in_full_without_what_they_do_not_have() -> None:
    image = {"type": "input_image", "image_url": PNG}
    kept = json.loads(conversation_of(parsed({"role": "user", "content": [image]}), "1a"))
    assert kept == [
        {
            "type": "message",
            "role": "user",
            "content": [{**image, "file_id": None, "detail": "auto"}],
            "id": "msg_1ai0",
            "status": "completed",
        }
    ]


def test_pages_go_from_the_newest_to_the_oldest_or_back() -> None:
    assert [item["id"] for item in page()["data"]] == ["msg_1ai2", "msg_1ai1", "msg_1ai0"]
    first = page(limit=2, order="asc")
    assert (first["first_id"], first["last_id"], first["has_more"]) == ("msg_1ai0", "msg_1ai1", True)
    second = page("msg_1ai1", limit=2, order="asc")
    assert ([item["id"] for item in second["data"]], second["has_more"]) == (["msg_1ai2"], False)
    assert page("msg_1ai0") == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


@pytest.mark.parametrize(
    ("asked", "param"),
    [({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"order": "up"}, "order"), ({"after": "msg_9"}, "after")],
)
def test_a_page_that_is_none_is_refused(asked: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        page(**asked)
    assert caught.value.param == param


def test_how_a_kept_response_stands() -> None:
    body = encode(whole(parsed(background=True), reply(Text("b")), "1a", 17, 18))
    assert stands(body) == ("completed", True)
    failed = json.loads(interrupted(body))
    assert (failed["status"], failed["error"]["code"], failed["id"]) == ("failed", "server_error", "resp_1a")
    assert json.loads(render_deleted("resp_1a")) == {"id": "resp_1a", "object": "response", "deleted": True}


def test_what_is_referred_to_is_kept_itself() -> None:
    found = items({**user("a"), "id": "msg_1"})
    request = continued(parsed({"type": "item_reference", "id": "msg_1"}), (), found)
    assert [item["type"] for item in json.loads(conversation_of(request, "2b"))] == ["message"]
