"""ARGO's own calls under the proxy's address: bodies in its shape, answers untouched."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.proxying import Proxy, chats
from tests.simulator.running import Gateway

HI: dict[str, Any] = {"messages": [{"role": "user", "content": "hi"}]}


def test_an_answer_is_handed_back_to_the_byte(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"body": '{"response" : "hi",\n "more": 1.50}'})
    answer = proxy.ask("POST", "/v1/chat", {"model": "argo:gpt-4o", **HI})
    assert (answer.status, answer.body) == (200, b'{"response" : "hi",\n "more": 1.50}')
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize("model", ["argo:claude-sonnet-4", "claudesonnet4", "Claude-4-Sonnet"])
def test_the_user_is_filled_in_and_the_alias_resolved(proxy: Proxy, gateway: Gateway, model: str) -> None:
    body = {"model": model, "user": "somebody", "system": "be brief", "prompt": ["one", "two"], "temperature": 0.5}
    assert proxy.ask("POST", "/v1/chat/", body).status == 200
    (record,) = chats(gateway.received())
    assert record["body"] == {**body, "user": "jdoe", "model": "claudesonnet4"}
    assert record["path"].endswith("/resource/chat/")


def test_without_a_model_the_default_answers(proxy: Proxy, gateway: Gateway) -> None:
    proxy.ask("POST", "/v1/chat", HI)
    proxy.ask("POST", "/v1/embed", {"prompt": ["a"], "model": None})
    assert [record["body"]["model"] for record in chats(gateway.received())] == ["gpt4o", "v3small"]


def test_a_stream_is_argos_text_as_it_comes(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces_base64": ["SGVs", "bG8g8J8=", "pqk="]})
    answer = proxy.ask("POST", "/v1/chat", {"model": "gpt4o", "stream": True, **HI})
    assert (answer.status, answer.body.decode()) == (200, "Hello 🦩")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    (record,) = chats(gateway.received())
    assert record["path"].endswith("/resource/streamchat/")
    assert "stream" not in record["body"]


def test_the_first_piece_of_a_stream_does_not_wait_for_the_second(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces": ["first", "second"], "stall": "mid_body", "after_pieces": 1})
    body = b'{"model": "gpt4o", "stream": true, "messages": [{"role": "user", "content": "hi"}]}'
    with proxy.connect() as opened:
        opened.sendall(b"POST /v1/chat HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        seen = b""
        while b"first" not in seen:
            seen += opened.recv(65_536)
    gateway.wait_for_outcome("client_left")


def test_a_stream_that_breaks_off_does_not_look_complete(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces": ["first", "second"], "drop": "mid_body", "after_pieces": 1})
    body = b'{"model": "gpt4o", "stream": true, "messages": [{"role": "user", "content": "hi"}]}'
    with proxy.connect() as opened:
        opened.sendall(b"POST /v1/chat HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        seen = b"".join(iter(lambda: opened.recv(65_536), b""))
    assert b"first" in seen
    assert not seen.endswith(b"0\r\n\r\n")


def test_vectors_are_handed_back_to_the_byte(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"body": '{"embedding":[[1.0 , 2]]}'})
    answer = proxy.ask("POST", "/v1/embed", {"model": "argo:text-embedding-3-small", "prompt": ["a"]})
    assert answer.body == b'{"embedding":[[1.0 , 2]]}'
    assert chats(gateway.received())[0]["body"] == {"model": "v3small", "prompt": ["a"], "user": "jdoe"}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("act", "status", "body"),
    [
        ({"status": 418, "body": "no tea"}, 418, b"no tea"),
        ({"status": 529, "body": "busy"}, 529, b"busy"),
        ({"html": True}, 502, b"<title>502 Bad Gateway</title>"),
        ({"status": 429, "body": "{}", "headers": {"retry-after": "9"}}, 429, b"{}"),
    ],
)
def test_a_refusal_of_argo_is_handed_back_as_it_is(
    proxy: Proxy, gateway: Gateway, act: dict[str, Any], status: int, body: bytes, stream: bool
) -> None:
    gateway.script(act)
    answer = proxy.ask("POST", "/v1/chat", {"model": "gpt4o", "stream": stream, **HI})
    assert answer.status == status
    assert body in answer.body
    assert answer.headers.get("retry-after") == ("9" if status == 429 else None)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[1]", 400, None),
        (b"{", 400, None),
        (b'{"model": 5}', 400, None),
        (b'{"model": "gpt-99"}', 404, "model_not_found"),
    ],
)
def test_what_cannot_be_passed_on_is_an_error_of_the_proxy(
    proxy: Proxy, gateway: Gateway, body: bytes, status: int, code: str | None
) -> None:
    for path in ("/v1/chat", "/v1/embed"):
        answer = proxy.ask("POST", path, body)
        assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert chats(gateway.received()) == []


def test_a_gateway_that_breaks_off_is_a_502(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"drop": "mid_body"})
    answer = proxy.ask("POST", "/v1/chat", {"model": "gpt4o", **HI})
    assert (answer.status, answer.json["error"]["code"]) == (502, "connection_lost")


@pytest.mark.parametrize("field", ["messages", "stream", "model", "user", "x"])
def test_a_body_that_is_no_text_is_a_400_wherever_it_is_damaged(proxy: Proxy, gateway: Gateway, field: str) -> None:
    answer = proxy.ask("POST", "/v1/chat", b'{"model": "gpt4o", "messages": [], "%s": "\xff"}' % field.encode())
    assert (answer.status, answer.json["error"]["type"]) == (400, "invalid_request_error")
    assert "not UTF-8" in answer.json["error"]["message"]
    assert chats(gateway.received()) == []


@pytest.mark.parametrize("model", ["1", "{}", "[" * 500 + "]" * 500, '[{"a": null}]'])
def test_a_model_that_is_no_text_is_named(proxy: Proxy, gateway: Gateway, model: str) -> None:
    answer = proxy.ask("POST", "/v1/embed", f'{{"prompt": ["a"], "model": {model}}}'.encode())
    assert (answer.status, answer.json["error"]["param"]) == (400, "model")
    assert chats(gateway.received()) == []


def test_what_is_in_the_body_is_for_argo_to_judge(proxy: Proxy, gateway: Gateway) -> None:
    proxy.ask("POST", "/v1/chat", b'{"model": "gpt4o", "messages": [], "temperature": 1e400}')
    (record,) = chats(gateway.received())
    assert '"temperature":1e400' in record["body"]
