"""A chat through OpenAI's own client, whole and streamed, with every family of models."""

from __future__ import annotations

import asyncio
import base64

import openai
import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from tests.integration.proxying import Proxy, chats
from tests.simulator.running import Gateway

MODELS = ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro", "argo:o3", "argo:gpt-5"]
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
every_model = pytest.mark.parametrize("model", MODELS)


def user(content: object) -> dict[str, object]:
    return {"role": "user", "content": content}


@every_model
def test_a_whole_answer(client: openai.OpenAI, model: str) -> None:
    completion = client.chat.completions.create(model=model, messages=[user("Grüß Gott, ARGO! 🚀")])
    (choice,) = completion.choices
    assert (choice.message.role, choice.message.content) == ("assistant", "You said: Grüß Gott, ARGO! 🚀")
    assert (choice.finish_reason, choice.index, completion.model) == ("stop", 0, model)
    assert completion.id.startswith("chatcmpl-")
    assert completion.usage is not None
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens > 10


@every_model
def test_a_stream_says_the_same_as_a_whole_answer(client: openai.OpenAI, model: str) -> None:
    asked = {"model": model, "messages": [{"role": "system", "content": "Be brief."}, user("naïve café " * 20)]}
    whole = client.chat.completions.create(**asked)
    with client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}) as stream:
        chunks = list(stream)
    deltas = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert "".join(delta.delta.content or "" for delta in deltas) == whole.choices[0].message.content
    assert [delta.finish_reason for delta in deltas if delta.finish_reason] == [whole.choices[0].finish_reason]
    assert deltas[0].delta.role == "assistant"
    assert {(chunk.id, chunk.model, chunk.object) for chunk in chunks} == {
        (chunks[0].id, model, "chat.completion.chunk")
    }
    assert ([chunk.usage for chunk in chunks[:-1]], chunks[-1].usage) == ([None] * (len(chunks) - 1), whole.usage)
    assert chunks[-1].choices == []


@every_model
def test_the_sdks_stream_helper_gathers_the_whole_answer(client: openai.OpenAI, model: str) -> None:
    with client.chat.completions.stream(model=model, messages=[user("one two three")]) as stream:
        kinds = [event.type for event in stream]
        completion = stream.get_final_completion()
    assert completion.choices[0].message.content == "You said: one two three"
    assert completion.choices[0].finish_reason == "stop"
    assert "content.delta" in kinds
    assert kinds[-1] == "content.done"


@every_model
def test_a_conversation_of_several_turns_reaches_the_model_in_order(
    client: openai.OpenAI, gateway: Gateway, model: str
) -> None:
    client.chat.completions.create(
        model=model,
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": "Be kind."},
            user("one"),
            {"role": "assistant", "content": "two"},
            user([{"type": "text", "text": "three"}, {"type": "text", "text": "four"}]),
        ],
    )
    (record,) = chats(gateway.received())
    roles = [message["role"] for message in record["body"]["messages"]]
    assert roles == ["system", "system", "user", "assistant", "user"]
    spoken = str([message["content"] for message in record["body"]["messages"]])
    places = [spoken.index(word) for word in ("brief", "kind", "one", "two", "three", "four")]
    assert places == sorted(places)


def test_preview_models_take_a_system_message_as_the_users(client: openai.OpenAI, gateway: Gateway) -> None:
    client.chat.completions.create(
        model="argo:o1-preview", messages=[{"role": "system", "content": "Be brief."}, user("hi")]
    )
    assert [message["role"] for message in chats(gateway.received())[0]["body"]["messages"]] == ["user", "user"]


@pytest.mark.parametrize("model", [*MODELS[:3], "argo:gpt-5"])
@pytest.mark.parametrize("stream", [False, True])
def test_an_image_goes_along_in_the_shape_of_its_model(
    client: openai.OpenAI, gateway: Gateway, model: str, stream: bool
) -> None:
    parts = [
        {"type": "text", "text": "what is it?"},
        {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{PNG}"}},
    ]
    answer = client.chat.completions.create(model=model, messages=[user(parts)], stream=stream)
    text = "".join(c.choices[0].delta.content or "" for c in answer) if stream else answer.choices[0].message.content
    assert text == "You said: what is it?"
    sent = str(chats(gateway.received())[0]["body"]["messages"])
    assert PNG in sent
    assert "image/png" in sent, "named by what it is, not by what it claims"
    assert "image/jpeg" not in sent


def test_an_image_to_a_model_that_sees_none_is_refused(client: openai.OpenAI, gateway: Gateway) -> None:
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    with pytest.raises(openai.BadRequestError, match="takes no images"):
        client.chat.completions.create(model="argo:o3-mini", messages=[user([part])])
    assert chats(gateway.received()) == []


@pytest.mark.parametrize("model", MODELS[:3])
def test_several_choices_are_several_calls(client: openai.OpenAI, gateway: Gateway, model: str) -> None:
    gateway.script({"text": "one"}, {"text": "two"})
    completion = client.chat.completions.create(model=model, messages=[user("hi")], n=2)
    assert [choice.index for choice in completion.choices] == [0, 1]
    assert sorted(str(choice.message.content) for choice in completion.choices) == ["one", "two"]
    assert len(chats(gateway.received())) == 2


@pytest.mark.parametrize("model", MODELS[:3])
def test_several_choices_stream_side_by_side(client: openai.OpenAI, gateway: Gateway, model: str) -> None:
    gateway.script({"text": "one " * 9}, {"text": "two " * 9})
    asked = {"model": model, "messages": [user("hi")], "n": 2}
    stream = client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
    texts, ends, usages = {0: "", 1: ""}, [], []
    for chunk in stream:
        usages.append(chunk.usage)
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
            ends += [choice.index] if choice.finish_reason else []
    gateway.script({"text": "one " * 9}, {"text": "two " * 9})
    assert sorted(texts.values()) == ["one " * 9, "two " * 9]
    assert sorted(ends) == [0, 1]
    assert usages[-1] == client.chat.completions.create(**asked).usage


@every_model
@pytest.mark.parametrize("stream", [False, True])
def test_a_stop_sequence_ends_the_answer(client: openai.OpenAI, model: str, stream: bool) -> None:
    asked = {"model": model, "messages": [user("one two three")], "stop": ["three", "two"]}
    with client.chat.completions.stream(**asked) as streamed:
        answer = streamed.get_final_completion() if stream else client.chat.completions.create(**asked)
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("You said: one ", "stop")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_the_limit_reached_is_the_finish_reason(client: openai.OpenAI, model: str, name: str) -> None:
    asked = {"model": model, "messages": [user("one two three four five six")], name: 4}
    whole = client.chat.completions.create(**asked)
    with client.chat.completions.create(**asked, stream=True) as stream:
        reasons = [chunk.choices[0].finish_reason for chunk in stream]
    assert whole.choices[0].finish_reason == "length"
    assert reasons == [None] * (len(reasons) - 1) + ["length"]


def test_what_was_adjusted_is_in_a_header_with_the_id_and_the_proxys_own_time(client: openai.OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model="argo:o3", messages=[user("hi")], temperature=0.5, seed=7, max_tokens=50
    )
    assert raw.headers["x-request-id"].startswith("req_")
    assert 0 < float(raw.headers["x-argo-proxy-overhead-ms"]) < 5000
    told = raw.headers["x-argo-proxy-adjusted"].split(", ")
    assert {"seed dropped", "temperature dropped", "max_tokens renamed max_completion_tokens"} == set(told)
    plain = client.chat.completions.with_raw_response.create(model="argo:gpt-4o", messages=[user("hi")])
    assert "x-argo-proxy-adjusted" not in plain.headers
    assert plain.headers["x-request-id"] != raw.headers["x-request-id"]


def test_a_claude_answer_too_long_for_a_whole_call_is_streamed_from_the_gateway(
    client: openai.OpenAI, gateway: Gateway
) -> None:
    completion = client.chat.completions.create(model="argo:claude-opus-4", messages=[user("hi")], max_tokens=32000)
    assert completion.choices[0].message.content == "You said: hi"
    assert chats(gateway.received())[0]["path"].endswith("/streamchat/")


@pytest.mark.parametrize("stream", [False, True])
def test_special_tokens_are_plain_text(client: openai.OpenAI, stream: bool) -> None:
    text = "<|endoftext|><|im_start|>system"
    answer = client.chat.completions.create(model="argo:gpt-4o", messages=[user(text)], stream=stream)
    said = "".join(c.choices[0].delta.content or "" for c in answer) if stream else answer.choices[0].message.content
    assert said == f"You said: {text}"


def test_nulls_for_everything_optional_are_as_good_as_nothing(client: openai.OpenAI) -> None:
    names = ("temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "n", "stream", "stream_options")
    more = ("tools", "seed", "response_format", "logit_bias", "user", "timeout", "frequency_penalty", "logprobs")
    completion = client.chat.completions.create(
        model="argo:gpt-4o", messages=[user("hi")], extra_body=dict.fromkeys((*names, *more))
    )
    assert completion.choices[0].message.content == "You said: hi"


def test_without_a_model_the_default_answers(gateway: Gateway, proxy: Proxy) -> None:
    assert proxy.ask("POST", "/v1/chat/completions", {"messages": [user("hi")]}).json["model"] == "argo:gpt-4o"
    assert chats(gateway.received())[0]["body"]["model"] == "gpt4o"


def test_the_name_is_echoed_as_it_was_sent(client: openai.OpenAI) -> None:
    for name in ("gpt4o", "GPT-4o", "Argo:GPT-4O", "argo:gpt4o"):
        assert client.chat.completions.create(model=name, messages=[user("hi")]).model == name


def test_the_asynchronous_client_is_served_as_well(proxy: Proxy) -> None:
    async def scene() -> tuple[str | None, str]:
        http_client = DefaultAsyncHttpxClient(verify=False)
        async with AsyncOpenAI(base_url=proxy.url, api_key="any", max_retries=0, http_client=http_client) as client:
            asked = {"model": "argo:claude-sonnet-4", "messages": [user("hi")]}
            whole = await client.chat.completions.create(**asked)
            text = ""
            async for chunk in await client.chat.completions.create(**asked, stream=True):
                text += chunk.choices[0].delta.content or ""
            return whole.choices[0].message.content, text

    assert asyncio.run(scene()) == ("You said: hi", "You said: hi")
