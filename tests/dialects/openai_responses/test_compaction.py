import json
from typing import Any

import pytest

from argo_proxy.canonical.chat import ChatRequest, Text, ToolChoice
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.openai_responses import continued, parse_compaction, render_compaction, summarizing
from argo_proxy.dialects.openai_responses.gist import sealed
from tests.dialects.openai_responses.asking import F, call, items, parsed, reply, result, user


def compacting(*given: dict[str, object], **more: object) -> ChatRequest:
    return parse_compaction(json.dumps({"model": "argo:gpt-4o", "input": list(given), **more}).encode())


def compacted(request: ChatRequest, gist: str) -> Any:
    return json.loads(render_compaction(request, reply(Text(gist)), "1a", 17))


def test_the_gist_is_asked_for_at_the_end_and_without_tools() -> None:
    request = summarizing(parsed(user("a"), call(), result("b"), tools=[F], tool_choice="required"))
    assert (request.tools, request.tool_choice) == ((), ToolChoice())
    assert [message.role for message in request.messages] == ["user", "assistant", "tool", "user"]
    assert "summary" in request.messages[-1].text


def test_what_the_user_said_stays_and_all_else_becomes_the_gist() -> None:
    old: dict[str, object] = {"type": "compaction", "encrypted_content": sealed("Before.")}
    request = compacting({**user("a"), "id": "msg_7"}, old, {"role": "developer", "content": "x"}, call(), result("b"))
    told = compacted(request, "They met.")
    assert (told["object"], told["id"], told["usage"]["total_tokens"]) == ("response.compaction", "resp_1a", 12)
    said, gist = told["output"]
    assert (said["id"], said["content"][0]["text"]) == ("msg_7", "a")
    assert gist == {"type": "compaction", "id": "cmp_1ao1", "encrypted_content": sealed("They met.")}
    after = parsed(*told["output"], user("c")).messages
    assert [message.text.rpartition("\n")[2] for message in after] == ["a", "They met.", "c"]


def test_a_stored_conversation_is_compacted_from_its_beginning() -> None:
    request = compacting(user("b"), previous_response_id="resp_0", instructions="Be brief.")
    whole = continued(request, items({**user("a"), "id": "msg_1"}), ())
    assert [message.text for message in whole.messages] == ["Be brief.", "a", "b"]
    assert [item["type"] for item in compacted(whole, "x")["output"]] == ["message", "message", "compaction"]


def test_nothing_cannot_be_compacted() -> None:
    with pytest.raises(BadRequest) as caught:
        compacting()
    assert caught.value.param == "input"
