"""The Responses API through OpenAI's own client: whole, streamed, gone on from, in the background, stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types.responses import Response
from pydantic import BaseModel

from tests.integration.proxying import Proxy, chats, proxying, sdk, wait_for
from tests.simulator.running import Gateway

every_family = pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"])
whole_and_streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])

TIME: Any = {
    "type": "function",
    "name": "time",
    "description": "Tell the time.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": False,
}
PATCH: Any = {"type": "custom", "name": "apply_patch", "description": "Patch files."}
MAIL: Any = {"type": "namespace", "name": "mail", "description": "Mail.", "tools": [{**TIME, "name": "send"}]}
ASK_TIME = 'Please call time({"city": "Paris"})'


def ask(client: openai.OpenAI, stream: bool, **asked: Any) -> Response:
    """The answer; of a stream, what the SDK gathers, once its events have been looked at."""
    if not stream:
        return client.responses.create(**asked)
    with client.responses.stream(**asked) as events:
        told = list(events)
        assert [event.sequence_number for event in told] == list(range(len(told)))
        return events.get_final_response()


def items_of(response: Response) -> list[tuple[str, str]]:
    """Type and name or text of every item of the answer."""
    return [(item.type, getattr(item, "name", "") or response.output_text) for item in response.output]


@every_family
@whole_and_streamed
def test_a_text_is_answered(client: openai.OpenAI, model: str, stream: bool) -> None:
    response = ask(client, stream, model=model, input="Hello there", instructions="Be brief.", metadata={"a": "b"})
    assert (response.status, response.output_text) == ("completed", "You said: Hello there")
    assert (response.model, response.instructions, response.metadata) == (model, "Be brief.", {"a": "b"})
    assert response.usage is not None
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens > 5


@every_family
@whole_and_streamed
def test_a_round_with_a_tool_goes_on_from_the_response_before(
    client: openai.OpenAI, gateway: Gateway, model: str, stream: bool
) -> None:
    first = ask(client, stream, model=model, input=ASK_TIME, tools=[TIME])
    (call,) = first.output
    assert call.type == "function_call"
    assert (call.name, json.loads(call.arguments)) == ("time", {"city": "Paris"})
    found: Any = [{"type": "function_call_output", "call_id": call.call_id, "output": "noon"}]
    second = ask(client, stream, model=model, input=found, previous_response_id=first.id, tools=[TIME])
    assert second.output_text == "The tool said: noon"
    assert second.previous_response_id == first.id
    third = ask(client, stream, model=model, input="And now?", previous_response_id=second.id)
    assert third.output_text == "You said: And now?"
    assert "The tool said: noon" in json.dumps(chats(gateway.received())[-1]["body"])


@every_family
@whole_and_streamed
def test_tools_come_back_as_the_client_knows_them(client: openai.OpenAI, model: str, stream: bool) -> None:
    tools = [TIME, PATCH, MAIL]
    wish = 'call mail__send({"city": "Rome"}) and call apply_patch({"input": "*** Begin Patch"})'
    response = ask(client, stream, model=model, input=wish, tools=tools)
    sent, patched = response.output
    assert sent.type == "function_call"
    assert (sent.name, sent.namespace) == ("send", "mail")
    assert patched.type == "custom_tool_call"
    assert (patched.name, patched.input) == ("apply_patch", "*** Begin Patch")
    results: Any = [
        *response.output,
        {"type": "function_call_output", "call_id": sent.call_id, "output": "sent"},
        {
            "type": "custom_tool_call_output",
            "call_id": patched.call_id,
            "output": [{"type": "input_text", "text": "ok"}],
        },
    ]
    after = ask(client, stream, model=model, input=[{"role": "user", "content": wish}, *results], tools=tools)
    assert after.output_text.endswith("ok")


@every_family
@whole_and_streamed
def test_a_choice_of_tool_is_obeyed(client: openai.OpenAI, model: str, stream: bool) -> None:
    for choice in ("required", {"type": "function", "name": "time"}):
        response = ask(client, stream, model=model, input="Hi", tools=[TIME, PATCH], tool_choice=choice)
        assert items_of(response) == [("function_call", "time")]
    response = ask(
        client,
        stream,
        model=model,
        input="Hi",
        tools=[TIME, PATCH],
        tool_choice={"type": "custom", "name": "apply_patch"},
    )
    assert items_of(response) == [("custom_tool_call", "apply_patch")]


class Weather(BaseModel):
    city: str
    degrees: int


@every_family
@whole_and_streamed
def test_structured_output_is_parsed(client: openai.OpenAI, gateway: Gateway, model: str, stream: bool) -> None:
    gateway.script({"match": "chat", "text": '{"city": "Paris", "degrees": 20}'})
    if stream:
        with client.responses.stream(model=model, input="How is it?", text_format=Weather) as events:
            parsed = events.until_done().get_final_response()
    else:
        parsed = client.responses.parse(model=model, input="How is it?", text_format=Weather)
    assert parsed.output_parsed == Weather(city="Paris", degrees=20)
    assert parsed.text is not None
    assert parsed.text.format is not None
    assert parsed.text.format.type == "json_schema"


@whole_and_streamed
def test_a_limit_that_is_reached_leaves_the_response_incomplete(client: openai.OpenAI, stream: bool) -> None:
    asked: Any = {"model": "argo:gpt-4o", "input": "one two three four five six", "max_output_tokens": 3}
    if stream:
        last = list(client.responses.create(**asked, stream=True))[-1]
        assert last.type == "response.incomplete"
        response = last.response
    else:
        response = client.responses.create(**asked)
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response.output[-1].status == "incomplete"


def test_images_and_files(client: openai.OpenAI) -> None:
    dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    text = {"type": "input_text", "text": "What is it?"}
    image = {"type": "input_image", "image_url": f"data:image/png;base64,{dot}", "detail": "auto"}
    asked: Any = [{"role": "user", "content": [text, image]}]
    assert client.responses.create(model="argo:gpt-4o", input=asked).output_text == "You said: What is it?"
    file: Any = [{"role": "user", "content": [{"type": "input_file", "file_id": "file_1"}]}]
    with pytest.raises(openai.BadRequestError, match="take no files") as refused:
        client.responses.create(model="argo:gpt-4o", input=file)
    assert refused.value.param == "input[0].content[0]"


def test_a_stored_response_can_be_read_listed_and_deleted(client: openai.OpenAI) -> None:
    first = client.responses.create(model="argo:gpt-4o", input="One")
    second = client.responses.create(model="argo:gpt-4o", input="Two", previous_response_id=first.id)
    assert client.responses.retrieve(second.id).to_dict() == second.to_dict()
    listed = list(client.responses.input_items.list(second.id, order="asc", limit=1))
    assert [item.to_dict()["content"][0]["text"] for item in listed] == ["One", "You said: One", "Two"]
    assert len({item.id for item in listed}) == 3
    newest = client.responses.input_items.list(second.id, limit=2)
    assert [item.id for item in newest.data] == [item.id for item in reversed(listed[1:])]
    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError, match="not found"):
        client.responses.retrieve(first.id)
    third = client.responses.create(model="argo:gpt-4o", input="Three", previous_response_id=second.id)
    assert third.output_text == "You said: Three"


def test_what_is_not_stored_cannot_be_gone_on_from(client: openai.OpenAI) -> None:
    response = client.responses.create(model="argo:gpt-4o", input="One", store=False)
    assert response.store is False
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)
    with pytest.raises(openai.BadRequestError, match="Previous response") as refused:
        client.responses.create(model="argo:gpt-4o", input="Two", previous_response_id=response.id)
    assert (refused.value.code, refused.value.param) == ("previous_response_not_found", "previous_response_id")


def test_an_item_can_be_referred_to(client: openai.OpenAI, gateway: Gateway) -> None:
    first = client.responses.create(model="argo:gpt-4o", input="One")
    asked: Any = [
        {"role": "user", "content": "One"},
        {"type": "item_reference", "id": first.output[0].id},
        {"role": "user", "content": "Two"},
    ]
    assert client.responses.create(model="argo:gpt-4o", input=asked).output_text == "You said: Two"
    assert chats(gateway.received())[-1]["body"]["messages"][1] == {"role": "assistant", "content": "You said: One"}
    asked[1]["id"] = "msg_unknown"
    with pytest.raises(openai.NotFoundError, match="msg_unknown"):
        client.responses.create(model="argo:gpt-4o", input=asked)


def test_a_response_is_made_in_the_background(client: openai.OpenAI) -> None:
    queued = client.responses.create(model="argo:gpt-4o", input="Later", background=True)
    assert (queued.status, queued.output) == ("queued", [])
    done = queued
    while done.status in ("queued", "in_progress"):
        done = client.responses.retrieve(queued.id)
    assert (done.status, done.output_text, done.background) == ("completed", "You said: Later", True)
    assert client.responses.cancel(queued.id).status == "completed"
    again = client.responses.create(model="argo:gpt-4o", input="More", previous_response_id=queued.id)
    assert again.output_text == "You said: More"


def test_a_response_in_the_background_is_cancelled(client: openai.OpenAI, gateway: Gateway) -> None:
    gateway.script({"stall": "before_headers"})
    running = client.responses.create(model="argo:gpt-4o", input="Later", background=True)
    wait_for(gateway, chats)
    assert client.responses.cancel(running.id).status == "cancelled"
    assert client.responses.retrieve(running.id).status == "cancelled"
    gateway.wait_for_outcome("client_left")
    foreground = client.responses.create(model="argo:gpt-4o", input="Now")
    with pytest.raises(openai.BadRequestError, match="background"):
        client.responses.cancel(foreground.id)


def test_a_background_stream_can_be_left_and_joined_again(client: openai.OpenAI) -> None:
    with client.responses.create(model="argo:gpt-4o", input="one two", background=True, stream=True) as stream:
        first = next(iter(stream))
        assert first.type == "response.created"
        assert first.response.status == "queued"
    followed = list(client.responses.retrieve(first.response.id, stream=True, starting_after=0))
    assert [event.sequence_number for event in followed] == list(range(1, len(followed) + 1))
    assert followed[0].type == "response.queued"
    assert followed[-1].type == "response.completed"
    assert followed[-1].response.output_text == "You said: one two"


def test_the_head_of_a_response_is_that_of_the_whole_one(client: openai.OpenAI, proxy: Proxy) -> None:
    queued = client.responses.create(model="argo:gpt-4o", input="Later", background=True)
    answer = proxy.ask("HEAD", f"/v1/responses/{queued.id}?stream=true")
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "application/json", b"")


def test_tokens_are_counted_before_they_are_asked(client: openai.OpenAI, gateway: Gateway) -> None:
    asked: Any = {"model": "argo:gpt-4o", "input": "Hello there", "instructions": "Be brief.", "tools": [TIME]}
    counted = client.responses.input_tokens.count(**asked)
    assert chats(gateway.received()) == []
    assert counted.object == "response.input_tokens"
    response = client.responses.create(**asked)
    assert response.usage is not None
    assert counted.input_tokens == response.usage.input_tokens


@every_family
def test_a_conversation_is_compacted(client: openai.OpenAI, gateway: Gateway, model: str) -> None:
    first = client.responses.create(model=model, input=ASK_TIME, tools=[TIME])
    (call,) = first.output
    assert call.type == "function_call"
    found: Any = [{"type": "function_call_output", "call_id": call.call_id, "output": "noon"}]
    second = client.responses.create(model=model, input=found, previous_response_id=first.id, tools=[TIME])
    gateway.script({"match": "chat", "text": "They asked for the time in Paris: noon."})
    compacted = client.responses.compact(model=model, previous_response_id=second.id)
    kept, gist = compacted.output
    assert (compacted.object, kept.type, gist.type) == ("response.compaction", "message", "compaction")
    more: Any = [
        *[item.to_dict(warnings=False) for item in compacted.output],
        {"role": "user", "content": "And in Rome?"},
    ]
    response = client.responses.create(model=model, input=more)
    assert response.output_text.endswith("And in Rome?")
    assert "They asked for the time in Paris: noon." in json.dumps(chats(gateway.received())[-1]["body"])


def test_what_argo_cannot_do_is_refused_with_a_reason(proxy: Proxy) -> None:
    refused: list[tuple[dict[str, object], str]] = [
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"tools": [TIME, {"type": "file_search", "vector_store_ids": ["v"]}]}, "tools[1].type"),
        ({"tools": [{"type": "web_search"}], "tool_choice": "auto"}, "tools[0].type"),
        ({"tools": [TIME], "tool_choice": {"type": "file_search"}}, "tool_choice"),
        ({"tools": [TIME], "tool_choice": {"type": "function", "name": "nope"}}, "tool_choice"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": "sometimes"}, "tool_choice"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt"),
        ({"background": True, "store": False}, "background"),
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": [{"type": "computer_call_output", "output": {}}]}, "input[0].type"),
        ({"input": [{"role": "king", "content": "x"}]}, "input[0].role"),
        ({"input": [{"role": "user"}]}, "input[0]"),
        ({"input": [{"type": [], "role": "user", "content": "x"}]}, "input[0].type"),
        ({"tools": [{"type": {}, "name": "x"}]}, "tools[0].type"),
        ({"input": [{"type": "compaction", "encrypted_content": "gAAAA"}]}, "input[0].encrypted_content"),
        ({"metadata": {"a": 1}}, "metadata[...]"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"text": {"format": {"type": "json_schema", "name": "x"}}}, "text.format"),
        ({"tools": [TIME, {**TIME, "description": "Another."}]}, "tools[1]"),
    ]
    for more, param in refused:
        answer = proxy.ask("POST", "/v1/responses", {"model": "argo:gpt-4o", "input": "Hi", **more})
        assert (answer.status, answer.json["error"]["type"]) == (400, "invalid_request_error"), answer.body
        assert answer.json["error"]["param"] == param, answer.body


def test_hosted_tools_are_left_out_where_the_client_can_do_without(proxy: Proxy) -> None:
    tools = [TIME, {"type": "web_search", "external_web_access": True}]
    asked = {"model": "argo:gpt-4o", "input": "Hi", "tools": tools, "tool_choice": "auto"}
    answer = proxy.ask("POST", "/v1/responses", asked)
    assert answer.headers["x-argo-proxy-adjusted"] == "tool web_search dropped"
    assert [tool["name"] for tool in answer.json["tools"]] == ["time"]


def test_only_its_owner_sees_a_response(tmp_path: Path, gateway_url: str) -> None:
    state = f"sqlite:///{tmp_path}/s.db"
    with (
        proxying(tmp_path, gateway_url, api_keys=["one", "two"], state_url=state) as proxy,
        sdk(proxy, "one") as one,
        sdk(proxy, "two") as two,
    ):
        mine = one.responses.create(model="argo:gpt-4o", input="Mine")
        reference: Any = [{"type": "item_reference", "id": mine.output[0].id}, {"role": "user", "content": "x"}]
        for prying in (
            lambda: two.responses.retrieve(mine.id),
            lambda: two.responses.input_items.list(mine.id),
            lambda: two.responses.delete(mine.id),
            lambda: two.responses.cancel(mine.id),
            lambda: two.responses.create(model="argo:gpt-4o", input=reference),
        ):
            with pytest.raises(openai.NotFoundError):
                prying()
        with pytest.raises(openai.BadRequestError, match="Previous response"):
            two.responses.create(model="argo:gpt-4o", input="x", previous_response_id=mine.id)
        assert one.responses.retrieve(mine.id).output_text == "You said: Mine"
    with proxying(tmp_path, gateway_url, api_keys=["one"], state_url=state) as proxy, sdk(proxy, "one") as one:
        again = one.responses.create(model="argo:gpt-4o", input="Still?", previous_response_id=mine.id)
        assert again.output_text == "You said: Still?"


@pytest.mark.parametrize(
    ("act", "drain_s", "status"),
    [({"delay_s": 0.5}, 10, "completed"), ({"stall": "before_headers"}, 0.1, "failed")],
    ids=["completed", "failed"],
)
def test_the_end_of_the_proxy_waits_for_the_background_but_not_for_ever(
    tmp_path: Path, gateway: Gateway, gateway_url: str, act: dict[str, object], drain_s: float, status: str
) -> None:
    state: dict[str, Any] = {"state_url": f"sqlite:///{tmp_path}/s.db", "drain_s": drain_s}
    gateway.script(act)
    with proxying(tmp_path, gateway_url, **state) as proxy, sdk(proxy) as client:
        running = client.responses.create(model="argo:gpt-4o", input="Later", background=True)
        wait_for(gateway, chats)
    with proxying(tmp_path, gateway_url, **state) as proxy, sdk(proxy) as client:
        ended = client.responses.retrieve(running.id)
    assert ended.status == status
    assert (ended.error is None) == (status == "completed")


def test_a_background_response_whose_proxy_was_killed_has_failed(
    tmp_path: Path, gateway: Gateway, gateway_url: str
) -> None:
    state = f"sqlite:///{tmp_path}/s.db"
    gateway.script({"stall": "before_headers"})
    with proxying(tmp_path, gateway_url, state_url=state) as proxy, sdk(proxy) as client:
        running = client.responses.create(model="argo:gpt-4o", input="Later", background=True)
        proxy.process.kill()
        proxy.wait()
    with proxying(tmp_path, gateway_url, state_url=state) as proxy, sdk(proxy) as client:
        ended = client.responses.retrieve(running.id)
    assert ended.status == "failed"
    assert ended.error is not None
    assert "stopped" in ended.error.message


def test_a_stream_that_breaks_off_says_that_it_failed(client: openai.OpenAI, gateway: Gateway) -> None:
    gateway.script({"pieces": ["You ", "said"], "drop": "mid_body", "after_pieces": 1})
    events = list(client.responses.create(model="argo:gpt-4o", input="Hi", stream=True))
    assert [event.type for event in events][-2:] == ["response.output_text.delta", "response.failed"]
    failed = events[-1]
    assert failed.type == "response.failed"
    assert failed.response.error is not None
    assert failed.response.error.code == "server_error"
    assert [item.status for item in failed.response.output] == ["incomplete"]
    assert failed.response.output_text == "You "
    assert client.responses.retrieve(failed.response.id).to_dict() == failed.response.to_dict()


def test_a_stream_that_fails_before_it_has_begun_raises(nervous: Proxy, gateway: Gateway) -> None:
    gateway.script({"delay_s": 0.2, "status": 500, "body": '{"detail": "no luck"}', "content_type": "application/json"})
    with sdk(nervous) as client, pytest.raises(openai.APIError, match="no luck"):
        list(client.responses.create(model="argo:gpt-4o", input="Hi", stream=True))


def test_two_proxies_on_one_store_agree_about_what_is_made_in_the_background(
    tmp_path: Path, gateway: Gateway, gateway_url: str
) -> None:
    state: dict[str, Any] = {"state_url": f"sqlite:///{tmp_path}/s.db"}
    (tmp_path / "b").mkdir()
    with (
        proxying(tmp_path / "b", gateway_url, **state) as beside,
        sdk(beside) as other,
        proxying(tmp_path, gateway_url, **state) as proxy,
        sdk(proxy) as client,
    ):
        begun_s = client.responses.create(model="argo:gpt-4o", input="One").created_at
        while client.responses.create(model="argo:gpt-4o", input="Two").created_at == begun_s:
            pass  # what is older than a proxy, to the second, is not being made by another
        gateway.script({"delay_s": 0.5, "times": 3})
        asked: Any = {"model": "argo:gpt-4o", "input": "Later", "background": True}
        kept, cancelled, deleted = (client.responses.create(**asked).id for _ in range(3))
        assert other.responses.retrieve(kept).status == "queued"
        assert other.responses.cancel(cancelled).status == "cancelled"
        other.responses.delete(deleted)
        while other.responses.retrieve(kept).status == "queued":
            pass
        assert other.responses.retrieve(kept).output_text == "You said: Later"
        assert client.responses.retrieve(cancelled).status == "cancelled"
        for each in (client, other):
            with pytest.raises(openai.NotFoundError):
                each.responses.retrieve(deleted)


def test_a_conversation_too_large_to_be_stored_is_refused_before_it_is_answered(
    tmp_path: Path, gateway: Gateway, gateway_url: str
) -> None:
    with proxying(tmp_path, gateway_url, state_max_mb=1) as proxy, sdk(proxy) as client:
        asked: Any = {"model": "argo:gpt-4o", "input": "x" * 2**20}
        with pytest.raises(openai.APIStatusError, match="store: false") as refused:
            client.responses.create(**asked)
        assert refused.value.status_code == 413
        assert chats(gateway.received()) == []
        assert client.responses.create(**asked, store=False).output_text.startswith("You said: xxx")


def test_a_long_answer_is_streamed_in_pieces_that_are_not_too_many(client: openai.OpenAI, gateway: Gateway) -> None:
    gateway.script({"text": "x" * 1_000_000})
    events = list(client.responses.create(model="argo:gpt-4o", input="Hi", stream=True, tools=[TIME]))
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == "x" * 1_000_000
    assert len(deltas) <= 1000
