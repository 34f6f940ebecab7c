"""Embeddings through OpenAI's own client, against the simulated gateway, whose vectors follow from the text alone."""

from __future__ import annotations

import base64
import json
import math
import struct
from typing import Any

import openai
import pytest

from argo_proxy.simulator.spelling import vector
from tests.integration.proxying import Proxy, chats
from tests.known import counter
from tests.simulator.running import Gateway

PATH = "/v1/embeddings"
SMALL, LARGE, ADA = "argo:text-embedding-3-small", "argo:text-embedding-3-large", "text-embedding-ada-002"


def near(found: list[float], wanted: list[float]) -> bool:
    return len(found) == len(wanted) and all(abs(a - b) < 1e-6 for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize(("model", "size"), [(SMALL, 1536), (LARGE, 3072), (ADA, 1536)])
@pytest.mark.parametrize("encoding", [None, "float", "base64"])
def test_a_vector_for_each_text_in_order(client: openai.OpenAI, model: str, size: int, encoding: Any) -> None:
    texts = ["Grüß Gott", "a", " "]
    told = {} if encoding is None else {"encoding_format": encoding}
    found = client.embeddings.create(model=model, input=texts, **told)
    assert [one.index for one in found.data] == [0, 1, 2]
    for one, text in zip(found.data, texts, strict=True):
        vectors = one.embedding
        if encoding == "base64":
            vectors = list(struct.unpack(f"<{size}f", base64.b64decode(str(one.embedding))))
        assert near(vectors, vector(text, size))
    assert (found.model, found.object, found.data[0].object) == (model, "list", "embedding")
    assert found.usage.prompt_tokens == found.usage.total_tokens == sum(counter("cl100k_base").count(t) for t in texts)


def test_numbers_come_as_argo_wrote_them(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"body": '{"embedding": [[1.50, -0.0,1E-7]]}'})
    answer = proxy.ask("POST", PATH, {"input": "a", "model": SMALL})
    assert b"[1.50, -0.0,1E-7]" in answer.body
    assert answer.json["data"][0]["embedding"] == [1.5, 0, 1e-7]


def test_tokens_are_told_as_text(client: openai.OpenAI, gateway: Gateway) -> None:
    words = counter("cl100k_base")._encoding.encode_ordinary("the quick brown fox")
    one = client.embeddings.create(model=SMALL, input=words)
    two = client.embeddings.create(model=SMALL, input=[words, words[:2]])
    assert [chat["body"]["prompt"] for chat in chats(gateway.received())] == [
        ["the quick brown fox"],
        ["the quick brown fox", "the quick"],
    ]
    assert (one.usage.prompt_tokens, two.usage.prompt_tokens) == (4, 6)


def test_2048_inputs_go_in_batches_of_16_and_come_back_in_order(client: openai.OpenAI, gateway: Gateway) -> None:
    texts = [f"text {number}" for number in range(2048)]
    found = client.embeddings.create(model=SMALL, input=texts)
    assert [one.index for one in found.data] == list(range(2048))
    assert all(near(found.data[at].embedding, vector(texts[at], 1536)) for at in (0, 15, 16, 1000, 2047))
    assert [len(chat["body"]["prompt"]) for chat in chats(gateway.received())] == [16] * 128


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_fewer_dimensions_are_the_beginning_scaled_to_length_one(client: openai.OpenAI, encoding: Any) -> None:
    found = client.embeddings.create(model=LARGE, input="a", dimensions=256, encoding_format=encoding)
    numbers = found.data[0].embedding
    if encoding == "base64":
        numbers = list(struct.unpack("<256f", base64.b64decode(str(numbers))))
    whole = vector("a", 3072)[:256]
    length = math.sqrt(sum(number * number for number in whole))
    assert near(numbers, [number / length for number in whole])


def test_without_a_model_the_default_embeds(proxy: Proxy, gateway: Gateway) -> None:
    assert proxy.ask("POST", PATH, {"input": "a"}).json["model"] == SMALL
    assert chats(gateway.received())[0]["body"]["model"] == "v3small"


@pytest.mark.parametrize(
    ("body", "status", "param", "words"),
    [
        ({"input": ""}, 400, "input[0]", "is empty"),
        ({"input": ["a", ""]}, 400, "input[1]", "is empty"),
        ({"input": []}, 400, "input", "1 to 2048 inputs, not 0"),
        ({"input": ["a"] * 2049}, 400, "input", "not 2049"),
        ({"input": ["a", 1]}, 400, "input", "either text or tokens"),
        ({"input": ["a", [1]]}, 400, "input", "either text or tokens"),
        ({"input": [[]]}, 400, "input[0]", "is empty"),
        ({"input": [1, -1]}, 400, "input[1]", ">= 0"),
        ({"input": [5, 2**40]}, 400, "input[0]", "no token"),
        ({"input": ["a", "word " * 8200]}, 400, "input[1]", "takes at most 8191"),
        ({}, 400, "input", "missing"),
        ({"input": None}, 400, "input", "expected"),
        ({"input": "a", "dimensions": 0}, 400, "dimensions", ">= 1"),
        ({"input": "a", "dimensions": 1537}, 400, "dimensions", "at most 1536"),
        ({"input": "a", "model": ADA, "dimensions": 5}, 400, "dimensions", "no choice of dimensions"),
        ({"input": "a", "encoding_format": "int8"}, 400, "encoding_format", "int8"),
        ({"input": "a", "model": "argo:gpt-4o"}, 400, "model", "makes no embeddings"),
        ({"input": "a", "model": "argo:v9"}, 404, "model", "is not on ARGO"),
    ],
)
def test_what_is_wrong_is_named(
    proxy: Proxy, gateway: Gateway, body: dict[str, Any], status: int, param: str, words: str
) -> None:
    answer = proxy.ask("POST", PATH, {"model": SMALL, **body} if body else {"model": SMALL})
    error = answer.json["error"]
    assert (answer.status, error["param"]) == (status, param)
    assert words in error["message"]
    assert chats(gateway.received()) == []


@pytest.mark.parametrize(
    ("act", "status", "code"),
    [
        ({"status": 429, "headers": {"retry-after": "7"}}, 429, "rate_limit_exceeded"),
        ({"html": True}, 502, "bad_gateway"),
        ({"bad_json": True}, 502, "bad_answer"),
        ({"truncated_json": True}, 502, "bad_answer"),
        ({"empty": True}, 502, "bad_answer"),
        ({"body": '{"embedding": []}'}, 502, "bad_answer"),
        ({"body": '{"embedding": [null, null]}'}, 502, "bad_answer"),
        ({"authentication_notice": True}, 403, "unknown_user"),
        ({"drop": "mid_body"}, 502, "connection_lost"),
    ],
)
def test_a_gateway_that_fails_is_told_of(
    proxy: Proxy, gateway: Gateway, act: dict[str, Any], status: int, code: str
) -> None:
    gateway.script(act)
    answer = proxy.ask("POST", PATH, {"model": SMALL, "input": ["a", "b"]})
    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert answer.headers.get("retry-after") == ("7" if status == 429 else None)


def test_one_batch_that_fails_ends_the_others(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"match": '"text 20"', "status": 503}, {"match": '"text 40"', "stall": "before_headers"})
    answer = proxy.ask("POST", PATH, {"model": SMALL, "input": [f"text {number}" for number in range(48)]})
    assert answer.status == 503
    gateway.wait_for_outcome("client_left")


def test_a_client_that_leaves_cancels_all_batches(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"stall": "before_headers", "times": 3})
    body = json.dumps({"model": SMALL, "input": ["a"] * 48}).encode()
    with proxy.connect() as opened:
        opened.sendall(f"POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        while len(gateway.received()) < 3:
            pass
    while [record["outcome"] for record in gateway.received()] != ["client_left"] * 3:
        pass


def test_a_request_may_have_a_time_limit_of_its_own(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"stall": "before_headers"})
    answer = proxy.ask("POST", PATH, {"model": SMALL, "input": "a", "timeout": 0.2})
    assert (answer.status, answer.json["error"]["code"]) == (504, "upstream_timeout")
