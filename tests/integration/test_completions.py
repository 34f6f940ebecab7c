"""Legacy completions through OpenAI's own client."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from tests.integration.proxying import Proxy, chats, frames
from tests.known import counter
from tests.simulator.running import Gateway

PATH = "/v1/completions"
MODELS = ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro", "argo:o1-mini"]


@pytest.mark.parametrize("model", MODELS)
def test_a_stream_says_what_a_whole_answer_says(client: openai.OpenAI, model: str) -> None:
    asked: dict[str, Any] = {"model": model, "prompt": "one two three"}
    whole = client.completions.create(**asked)
    with client.completions.create(**asked, stream=True, stream_options={"include_usage": True}) as stream:
        pieces = list(stream)
    assert whole.choices[0].text == "".join(piece.choices[0].text for piece in pieces[:-1]) == "You said: one two three"
    assert [piece.choices[0].finish_reason for piece in pieces[:-1] if piece.choices[0].finish_reason] == ["stop"]
    assert whole.id.startswith("cmpl-")
    assert (whole.object, whole.model, pieces[-1].usage) == ("text_completion", model, whole.usage)


@pytest.mark.parametrize("stream", [False, True])
def test_each_prompt_has_its_choices_in_order(client: openai.OpenAI, gateway: Gateway, stream: bool) -> None:
    answer = client.completions.create(model="argo:gpt-4o", prompt=["a", "b", "c"], n=2, stream=stream)
    texts = dict.fromkeys(range(6), "")
    for piece in answer if stream else [answer]:
        for choice in piece.choices:
            texts[choice.index] += choice.text
    assert list(texts.values()) == [f"You said: {prompt}" for prompt in "aabbcc"]
    assert len(chats(gateway.received())) == 6


@pytest.mark.parametrize("stream", [False, True])
def test_the_prompt_can_be_repeated_and_is_not_counted_as_an_answer(client: openai.OpenAI, stream: bool) -> None:
    asked: dict[str, Any] = {"model": "argo:gpt-4o", "prompt": ["hello. ", "bye. "], "stop": ["lo. ", "e. "]}
    answer = client.completions.create(**asked, echo=True, stream=stream)
    texts = {0: "", 1: ""}
    for piece in answer if stream else [answer]:
        for choice in piece.choices:
            texts[choice.index] += choice.text
    assert texts == {0: "hello. You said: hel", 1: "bye. You said: by"}
    if not stream:
        plain = client.completions.create(**asked)
        assert plain.usage == answer.usage


def test_tokens_are_spelled_out(client: openai.OpenAI, proxy: Proxy) -> None:
    tokens = counter()._encoding.encode_ordinary("the quick brown fox")
    answer = client.completions.create(model="argo:gpt-4o", prompt=tokens, echo=True)
    assert answer.choices[0].text == "the quick brown foxYou said: the quick brown fox"
    refused = proxy.ask("POST", PATH, {"prompt": [2**40]})
    assert (refused.status, refused.json["error"]["param"]) == (400, "prompt")


def test_the_limit_reached_is_the_finish_reason(client: openai.OpenAI) -> None:
    answer = client.completions.create(model="argo:gpt-4o", prompt="one two three four", max_tokens=3)
    assert answer.choices[0].finish_reason == "length"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"prompt": "a", "suffix": "b"}, "suffix"),
        ({"prompt": "a", "tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({}, "prompt"),
    ],
)
def test_what_cannot_be_is_refused(proxy: Proxy, gateway: Gateway, body: dict[str, Any], param: str) -> None:
    answer = proxy.ask("POST", PATH, body)
    assert answer.status == 400
    assert param in answer.json["error"]["message"]
    assert chats(gateway.received()) == []


def test_a_stream_that_breaks_off_is_an_error_and_has_no_end_mark(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces": ["Hel", "lo"], "drop": "mid_body", "after_pieces": 1})
    told = frames(proxy.ask("POST", PATH, {"prompt": "a", "stream": True}).body)
    assert told[0]["choices"][0]["text"] == "Hel"
    assert told[-1]["error"]["code"] == "connection_lost"


def test_a_prompt_that_fails_fails_them_all(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"match": '"bad"', "status": 429, "headers": {"retry-after": "5"}})
    answer = proxy.ask("POST", PATH, {"prompt": ["good", "bad"]})
    assert (answer.status, answer.headers["retry-after"]) == (429, "5")
