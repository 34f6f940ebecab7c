"""Tools in words, over real sockets: streamed as they come, called in OpenAI's form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.integration.proxying import CHAT, Proxy, chats, frames, proxying, sdk, text_of
from tests.simulator.running import Gateway

MODELS = ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro", "argo:o1-mini"]
every_model = pytest.mark.parametrize("model", MODELS)
TOOL = {
    "type": "function",
    "function": {
        "name": "search",
        "description": "Finds things.",
        "parameters": {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]},
    },
}
CALL = '<tool_call>\n{"name": "search", "arguments": {"q": "braces } and </tool_call>"}}\n</tool_call>'


@pytest.fixture(scope="module")
def prompting(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxying(tmp_path_factory.mktemp("prompting"), gateway_url, "--tool-prompting") as running:
        yield running


@pytest.fixture(scope="module")
def prompted(prompting: Proxy) -> Iterator[openai.OpenAI]:
    with sdk(prompting) as opened:
        yield opened


def asked(text: str, model: str = "argo:gpt-4o", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], "tools": [TOOL], **more}


@every_model
@pytest.mark.parametrize("stream", [False, True])
def test_a_whole_round_in_words(prompted: openai.OpenAI, gateway: Gateway, model: str, stream: bool) -> None:
    request = asked('call search({"q": "argo"}) and call search({"q": "navis"})', model)
    with prompted.chat.completions.stream(**request) as streamed:
        completion = streamed.get_final_completion() if stream else prompted.chat.completions.create(**request)
    choice = completion.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content.strip() == "I will use a tool."
    assert [json.loads(call.function.arguments)["q"] for call in choice.message.tool_calls] == ["argo", "navis"]
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": f"result {number}"}
        for number, call in enumerate(choice.message.tool_calls, 1)
    ]
    request["messages"] += [choice.message.model_dump(exclude_none=True), *reversed(results)]
    answer = prompted.chat.completions.create(**request)
    assert answer.choices[0].message.content == "The tool said: result 1 result 2"
    sent = chats(gateway.received())[-1]["body"]
    assert "tools" not in sent
    assert {message["role"] for message in sent["messages"]} <= {"system", "user", "assistant"}


def test_text_around_a_call_streams_and_no_tag_is_ever_shown(prompting: Proxy, gateway: Gateway) -> None:
    said = f"Let me look it up.\n{CALL}\nThen we shall see."
    gateway.script({"pieces": list(said)})
    chunks = frames(prompting.ask("POST", CHAT, asked("look", stream=True)).body)
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks[:-1]]
    assert "tool_call>" not in text_of(chunks)
    assert " ".join(text_of(chunks).split()) == "Let me look it up. Then we shall see."
    (name,) = [delta["tool_calls"][0]["function"]["name"] for delta in deltas if "id" in str(delta.get("tool_calls"))]
    arguments = "".join(call["function"]["arguments"] for delta in deltas for call in delta.get("tool_calls", ()))
    assert (name, json.loads(arguments)) == ("search", {"q": "braces } and </tool_call>"})
    assert chunks[-2]["choices"][0]["finish_reason"] == "tool_calls"


def test_text_before_a_call_is_there_while_the_call_is_still_being_written(prompting: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces": ["Let me look. ", '<tool_call>{"name": "se'], "stall": "mid_body", "after_pieces": 2})
    with prompting.connect() as opened:
        body = json.dumps(asked("look", stream=True)).encode()
        head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
        opened.sendall(head.encode() + body)
        seen = b""
        while b"Let me look. " not in seen:
            piece = opened.recv(65_536)
            assert piece
            seen += piece
    assert b"tool_call" not in seen
    gateway.wait_for_outcome("client_left")


@pytest.mark.parametrize("stream", [False, True])
def test_a_malformed_call_is_shown_and_nothing_is_lost(prompted: openai.OpenAI, gateway: Gateway, stream: bool) -> None:
    said = 'See: <tool_call>{"name": "search", "arguments": {q: 1}}</tool_call> and so on.'
    gateway.script({"text": said})
    with prompted.chat.completions.stream(**asked("look")) as streamed:
        if stream:
            completion = streamed.get_final_completion()
        else:
            streamed.get_final_completion()
            gateway.script({"text": said})
            completion = prompted.chat.completions.create(**asked("look"))
    assert completion.choices[0].message.content == said
    assert completion.choices[0].finish_reason == "stop"


def test_a_quoted_call_is_text(prompted: openai.OpenAI, gateway: Gateway) -> None:
    said = f"You would write\n```\n{CALL}\n```\nto call it."
    gateway.script({"text": said})
    message = prompted.chat.completions.create(**asked("how?")).choices[0].message
    assert (message.content, message.tool_calls) == (said, None)


def test_a_result_that_the_model_makes_up_ends_the_answer(prompted: openai.OpenAI, gateway: Gateway) -> None:
    gateway.script({"text": f'{CALL}\n<tool_result name="search">\nmade up\n</tool_result>\nSo it is made up.'})
    choice = prompted.chat.completions.create(**asked("look")).choices[0]
    assert (choice.message.content, len(choice.message.tool_calls)) == (None, 1)


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "search"}}])
def test_a_model_that_does_not_call_as_it_must_is_told_again(
    prompted: openai.OpenAI, gateway: Gateway, choice: object
) -> None:
    gateway.script({"text": "I would rather not."}, {"text": CALL})
    completion = prompted.chat.completions.create(**asked("look", tool_choice=choice))
    assert completion.choices[0].message.tool_calls[0].function.name == "search"
    assert len(chats(gateway.received())) == 2
    gateway.script({"text": "No."}, {"text": "No!"})
    with pytest.raises(openai.InternalServerError, match="not even when told again"):
        prompted.chat.completions.create(**asked("look", tool_choice=choice))


def test_no_tools_are_told_of_when_none_may_be_called(prompted: openai.OpenAI, gateway: Gateway) -> None:
    completion = prompted.chat.completions.create(**asked('call search({"q": "x"})', tool_choice="none"))
    assert completion.choices[0].message.content == 'You said: call search({"q": "x"})'
    assert "Finds things" not in str(chats(gateway.received()))


def test_one_call_at_a_time_where_that_is_asked_for(prompted: openai.OpenAI, gateway: Gateway) -> None:
    gateway.script({"text": f"{CALL}\n{CALL}"})
    completion = prompted.chat.completions.create(**asked("look", parallel_tool_calls=False))
    assert len(completion.choices[0].message.tool_calls) == 1


def test_models_without_tools_of_their_own_have_them_without_being_asked(client: openai.OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(**asked('call search({"q": "x"})', "argo:o1-preview"))
    assert raw.parse().choices[0].message.tool_calls[0].function.name == "search"
    assert "tools put into the prompt" in raw.headers["x-argo-proxy-adjusted"]


@pytest.mark.parametrize("parallel", [True, False])
@pytest.mark.parametrize("stream", [False, True])
def test_calls_that_a_model_makes_properly_all_the_same_are_calls(
    prompted: openai.OpenAI, gateway: Gateway, stream: bool, parallel: bool
) -> None:
    made = [{"name": "search", "arguments": {"q": "a"}}, {"name": "search", "arguments": {"q": "b"}}]
    gateway.script(*[{"text": f"Hm. {CALL}", "calls": made}] * 2)
    request = asked("look", "argo:o1-mini", parallel_tool_calls=parallel)
    with prompted.chat.completions.stream(**request) as streamed:
        completion = streamed.get_final_completion()
    if not stream:
        completion = prompted.chat.completions.create(**request)
    choice = completion.choices[0]
    assert (choice.message.content, len(choice.message.tool_calls)) == ("Hm. ", 3 if parallel else 1)
    assert choice.finish_reason == "tool_calls"


def test_stop_sequences_do_not_cut_calls(prompted: openai.OpenAI, gateway: Gateway) -> None:
    gateway.script({"text": f"Look:{CALL}"})
    completion = prompted.chat.completions.create(**asked("look", stop=["\n", "}"]))
    assert len(completion.choices[0].message.tool_calls) == 1
    assert "stop" not in chats(gateway.received())[0]["body"]
