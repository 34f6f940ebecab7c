"""What clients get wrong, and what nobody should ever send: always an error in OpenAI's shape."""

from __future__ import annotations

import json
import socket
from typing import Any

import openai
import pytest

from tests.integration.proxying import CHAT, Proxy, chat_bytes, chats, read_until, said
from tests.simulator.running import Answer, Gateway

HI = [{"role": "user", "content": "hi"}]


def error_of(answer: Answer) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"].startswith("req_")
    assert set(answer.json) == {"error"}
    assert set(answer.json["error"]) == {"message", "type", "param", "code"}
    assert isinstance(answer.json["error"]["message"], str)
    return answer.json["error"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'"text"',
        b"{}",
        b'{"messages": []}',
        b'[{"model": "argo:gpt-4o"}]',
        b'{"model": "argo:gpt-4o", "messages": [',
        b"\xff\xfe{}",
        b'{"messages": [{"role": "user", "content": "\xff"}]}',
        b'{"messages": [{"role": "user", "content": "\\ud800"}]}',
        b"[" * 100_000,
        b'{"messages": ' + b"[" * 100_000,
        b'{"messages": [{"role": "user", "content": "hi"}], "x": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
        b"model=argo:gpt-4o",
        b'{"messages": [{"role": "user", "content": "hi"}]} trailing',
    ],
    ids=lambda body: repr(body[:40]),
)
def test_a_body_that_is_no_request_is_a_400(proxy: Proxy, gateway: Gateway, body: bytes) -> None:
    answer = proxy.ask("POST", CHAT, body)
    assert answer.status == 400
    error = error_of(answer)
    assert error["type"] == "invalid_request_error"
    assert len(error["message"]) < 1000
    assert chats(gateway.received()) == []


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"messages": "hi"}, "messages"),
        ({"messages": [7]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
        ({"messages": [{"role": "king", "content": "hi"}]}, "messages[0].role"),
        ({"messages": [{"content": "hi"}]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0]"),
        ({"model": 7}, "model"),
        ({"model": ["argo:gpt-4o"]}, "model"),
        ({"stream": "yes"}, "stream"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": 3}, "temperature"),
        ({"top_p": -1}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"n": 0}, "n"),
        ({"n": 1000}, "n"),
        ({"stop": 7}, "stop"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": "soon"}, "timeout"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
    ],
    ids=str,
)
def test_a_wrong_value_raises_bad_request_that_names_it(
    client: openai.OpenAI, wrong: dict[str, object], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="argo:gpt-4o", messages=HI, extra_body=wrong)
    assert (caught.value.param, caught.value.type) == (param, "invalid_request_error")
    assert param in caught.value.message


def test_an_unknown_model_raises_not_found_with_close_matches(client: openai.OpenAI, gateway: Gateway) -> None:
    with pytest.raises(
        openai.NotFoundError, match=r"'argo:gpt-4oo' is not on ARGO; did you mean argo:gpt-4o"
    ) as caught:
        client.chat.completions.create(model="argo:gpt-4oo", messages=HI)
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    assert chats(gateway.received()) == []


@pytest.mark.parametrize("model", ["", " ", "\0", "argo:", "x" * 100_000, "../etc/passwd", "claude\r\nx: y", "日本"])
def test_no_model_name_is_too_strange_to_be_unknown(client: openai.OpenAI, model: str) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model=model, messages=HI)
    assert len(caught.value.message) < 1000


def test_an_embedding_model_does_not_chat(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="makes embeddings"):
        client.chat.completions.create(model="argo:text-embedding-3-small", messages=HI)


@pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"])
@pytest.mark.parametrize("text", ["a\0b", "\x01\x1b[31m", "\ufffe\uffff", "a\u2028b", "e\u0301", "x" * 300_000])
def test_no_text_is_too_strange_to_be_asked_and_answered(client: openai.OpenAI, model: str, text: str) -> None:
    completion = client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}])
    assert completion.choices[0].message.content == f"You said: {text}"


@pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"])
@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_an_empty_message_is_answered(client: openai.OpenAI, model: str, text: str) -> None:
    messages: Any = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": text}, *HI]
    assert client.chat.completions.create(model=model, messages=messages).choices[0].message.content == "You said: hi"


def test_a_body_over_the_limit_raises_413(nervous: Proxy, gateway: Gateway) -> None:
    http_client = openai.DefaultHttpxClient(verify=False)
    with openai.OpenAI(base_url=nervous.url, api_key="any", max_retries=0, http_client=http_client) as client:
        for size in (2**20, 8 * 2**20):
            with pytest.raises(openai.APIStatusError, match="1 MiB; `max_body_mb`") as caught:
                client.chat.completions.create(model="argo:gpt-4o", messages=[{"role": "user", "content": "x" * size}])
            assert (caught.value.status_code, caught.value.code) == (413, "request_too_large")
        text = client.chat.completions.create(
            model="argo:gpt-4o", messages=[{"role": "user", "content": "x" * (2**20 - 1000)}]
        )
        assert len(text.choices[0].message.content or "") > 2**20 - 1000
    assert len(chats(gateway.received())) == 1


def test_a_body_over_the_limit_in_chunks_is_a_413_too(nervous: Proxy) -> None:
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    with nervous.connect() as opened:
        opened.sendall(f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".encode() + chunk * 17)
        assert read_until(opened, b'"request_too_large"').startswith(b"HTTP/1.1 413 ")


def test_a_body_in_chunks_is_read(proxy: Proxy) -> None:
    body = json.dumps(said("in chunks")).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (1, body[at : at + 1]) for at in range(len(body)))
    with proxy.connect() as opened:
        opened.sendall(f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        opened.sendall(chunks + b"0\r\n\r\n")
        assert b"You said: in chunks" in read_until(opened, b"You said: in chunks")


def test_a_client_that_waits_for_100_continue_gets_it(proxy: Proxy) -> None:
    head, _, body = chat_bytes(said("patient")).partition(b"\r\n\r\n")
    with proxy.connect() as opened:
        opened.sendall(head + b"\r\nexpect: 100-continue\r\n\r\n")
        assert read_until(opened, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        opened.sendall(body)
        read_until(opened, b"You said: patient")


def test_a_client_that_leaves_before_its_body_is_complete_does_no_harm(proxy: Proxy) -> None:
    with proxy.connect() as opened:
        opened.sendall(f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{{".encode())
        opened.shutdown(socket.SHUT_WR)
        assert opened.recv(1000) == b""
    assert proxy.ask("POST", CHAT, said("hi")).status == 200


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/nothing", "/v1/chat/completion", "//x", "/v1/%00", "/v1/%ff", "/%2e%2e/etc"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_a_404(proxy: Proxy, path: str, method: str) -> None:
    answer = proxy.ask(method, path)
    assert answer.status == 404
    assert error_of(answer)["code"] == "not_found"


def test_an_unknown_path_raises_not_found_in_the_sdk(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.images.generate(model="x", prompt="a cat")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", CHAT, "POST, OPTIONS"),
        ("PUT", CHAT, "POST, OPTIONS"),
        ("HEAD", CHAT, "POST, OPTIONS"),
        ("POST", "/v1/models", "GET, HEAD, OPTIONS"),
        ("DELETE", "/v1/models/argo:gpt-4o", "GET, HEAD, OPTIONS"),
        ("GET", "/refresh", "POST, OPTIONS"),
        ("POST", "/health", "GET, HEAD, OPTIONS"),
        ("PATCH", "/", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_wrong_method_is_a_405_that_tells_the_right_ones(proxy: Proxy, method: str, path: str, allowed: str) -> None:
    answer = proxy.ask(method, path)
    assert (answer.status, answer.headers["allow"]) == (405, allowed)
    if method != "HEAD":
        assert error_of(answer)["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/docs", "/v1/models", "/v1/models/argo:gpt-4o", "/health", "/version"]
)
def test_head_is_get_without_the_body(proxy: Proxy, path: str) -> None:
    got, head = proxy.ask("GET", path), proxy.ask("HEAD", path)
    assert (got.status, head.status, head.body) == (200, 200, b"")
    assert got.body
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize("path", [CHAT, "/v1/models", "/v1/models/x", "/health"])
def test_a_browser_is_told_what_it_may_send(proxy: Proxy, path: str) -> None:
    answer = proxy.ask(
        "OPTIONS",
        path,
        origin="http://localhost:3000",
        access_control_request_method="POST",
        access_control_request_headers="authorization, content-type",
    )
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert answer.headers["access-control-allow-headers"] == "authorization, content-type"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "OPTIONS" in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/health", "/v1/nothing"])
def test_only_known_pages_may_read_answers(proxy: Proxy, path: str) -> None:
    known = proxy.ask("GET", path, origin="http://127.0.0.1:8000")
    assert known.headers["access-control-allow-origin"] == "http://127.0.0.1:8000"
    assert "x-request-id" in known.headers["access-control-expose-headers"]
    for origin in ("https://evil.example", "http://localhost.evil.example", "http://localhost:1@evil.example", "null"):
        assert "access-control-allow-origin" not in proxy.ask("GET", path, origin=origin).headers


def test_a_stream_may_be_read_by_a_known_page(proxy: Proxy) -> None:
    answer = proxy.ask("POST", CHAT, said("hi", stream=True), origin="http://localhost:3000")
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"


@pytest.mark.parametrize("path", ["/v1/models/", "/health/", "/version/", "/v1/", "/v1//", "/v1/models/argo:gpt-4o/"])
def test_a_trailing_slash_makes_no_difference(proxy: Proxy, path: str) -> None:
    assert proxy.ask("GET", path).status == 200


def test_a_trailing_slash_or_a_query_makes_no_difference_to_a_chat(proxy: Proxy) -> None:
    assert proxy.ask("POST", f"{CHAT}/", said("hi")).status == 200
    assert proxy.ask("POST", f"{CHAT}?beta=true&x=%00", said("hi")).status == 200


@pytest.mark.parametrize(
    "data",
    [
        b"garbage\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"CONNECT example.org:443 HTTP/1.1\r\nhost: example.org\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
    ids=repr,
)
def test_what_is_no_http_is_refused_and_the_proxy_lives_on(proxy: Proxy, data: bytes) -> None:
    with proxy.connect() as opened:
        opened.sendall(data)
        assert opened.recv(1000).startswith(b"HTTP/1.1 4")
    assert proxy.ask("GET", "/health").status == 200


def test_a_websocket_is_no_reason_to_fail(proxy: Proxy) -> None:
    answer = proxy.ask("GET", "/health", connection="upgrade", upgrade="websocket", sec_websocket_version="13")
    assert answer.status == 200
