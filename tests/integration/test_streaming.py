"""What a stream looks like on the wire, and when its bytes come."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import openai
import pytest

from tests.integration.proxying import (
    CHAT,
    Proxy,
    chats,
    frames,
    read_until,
    said,
    sdk,
    text_of,
    wait_for,
)
from tests.simulator.running import Gateway


def body_of(proxy: Proxy, body: object) -> bytes:
    answer = proxy.ask("POST", CHAT, body)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    return answer.body


def test_the_wire_is_that_of_server_sent_events(proxy: Proxy) -> None:
    answer = proxy.ask("POST", CHAT, said("one two three", stream=True))
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.headers["x-request-id"].startswith("req_")
    *chunks, end = frames(answer.body)
    assert answer.body.endswith(b"data: [DONE]\n\n")
    assert end == "[DONE]"
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert chunks[-1]["choices"][0]["delta"] == {}
    assert all("usage" not in chunk for chunk in chunks)
    assert text_of(chunks) == "You said: one two three"


def test_the_gateway_is_asked_for_a_stream_without_compression(proxy: Proxy, gateway: Gateway) -> None:
    body_of(proxy, said("hi", stream=True))
    (record,) = chats(gateway.received())
    assert record["path"].endswith("/streamchat/")
    assert record["headers"]["accept-encoding"] == "identity"


def test_the_first_text_arrives_while_the_last_is_still_unsaid(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces": ["first", "second"], "stall": "mid_body", "after_pieces": 1})
    with proxy.raw(said("hi", stream=True)) as opened:
        read_until(opened, b'"content":"first"')
        assert gateway.received()[-1]["outcome"] == "open"
    gateway.wait_for_outcome("client_left")


def test_the_sdk_gets_every_piece_as_it_comes(client: openai.OpenAI, gateway: Gateway) -> None:
    gateway.script({"pieces": ["one ", "two ", "three"], "stall": "mid_body", "after_pieces": 3})
    stream = client.chat.completions.create(
        model="argo:claude-sonnet-4", messages=[{"role": "user", "content": "hi"}], stream=True
    )
    with stream:
        texts: list[str] = []
        while "".join(texts) != "one two three":
            texts.append(next(stream).choices[0].delta.content or "")
        assert gateway.received()[-1]["outcome"] == "open"
    gateway.wait_for_outcome("client_left")


def test_characters_cut_in_two_arrive_whole(proxy: Proxy, gateway: Gateway) -> None:
    text = "né 日本 🚀 e\u0301"
    pieces = [base64.b64encode(bytes([byte])).decode() for byte in text.encode()]
    gateway.script({"pieces_base64": pieces, "piece_delay_s": 0.001})
    chunks = frames(body_of(proxy, said("hi", stream=True)))
    assert text_of(chunks) == text
    assert all("\ufffd" not in text_of([chunk]) for chunk in chunks)


@pytest.mark.parametrize("stream", [False, True])
def test_damaged_characters_are_replaced_and_the_rest_kept(proxy: Proxy, gateway: Gateway, stream: bool) -> None:
    raw = b"ok \xff\xfe ok" if stream else b'{"response": "ok \xff\xfe ok"}'
    gateway.script({"pieces_base64": [base64.b64encode(raw).decode()]})
    answer = proxy.ask("POST", CHAT, said("hi", stream=stream))
    text = text_of(frames(answer.body)) if stream else answer.json["choices"][0]["message"]["content"]
    assert text == "ok \ufffd\ufffd ok"


def test_a_stream_that_was_gzipped_all_the_same_is_read(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"text": "packed " * 50, "gzip": True})
    assert text_of(frames(body_of(proxy, said("hi", stream=True)))) == "packed " * 50


def test_a_whole_answer_in_single_bytes_is_read(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"text": "drop by drop", "drip": True})
    answer = proxy.ask("POST", CHAT, said("hi"))
    assert answer.json["choices"][0]["message"]["content"] == "drop by drop"


def test_a_whole_answer_to_a_streamed_call_is_understood(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"body": '{"response": "whole"}', "content_type": "application/json"})
    assert text_of(frames(body_of(proxy, said("hi", stream=True)))) == "whole"


def test_a_wrong_content_type_alone_does_no_harm(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"wrong_content_type": True, "text": "fine"})
    assert proxy.ask("POST", CHAT, said("hi")).json["choices"][0]["message"]["content"] == "fine"


@pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"])
def test_pseudo_streaming_makes_one_whole_call_and_small_pieces(pseudo: Proxy, gateway: Gateway, model: str) -> None:
    text = "a word and another " * 20
    chunks = frames(body_of(pseudo, said(text, model, stream=True, stream_options={"include_usage": True})))
    assert text_of(chunks) == f"You said: {text}"
    assert len(chunks) > 10
    assert chats(gateway.received())[0]["path"].endswith("/chat/")
    assert chunks[-2]["usage"] == pseudo.ask("POST", CHAT, said(text, model)).json["usage"]
    assert chunks[-1] == "[DONE]"


def test_pseudo_streaming_works_with_the_sdk(pseudo: Proxy) -> None:
    with (
        sdk(pseudo) as client,
        client.chat.completions.stream(
            model="argo:gpt-4o", messages=[{"role": "user", "content": "one two"}], stop="two"
        ) as stream,
    ):
        completion = stream.get_final_completion()
    assert completion.choices[0].message.content == "You said: one "


def test_a_silent_gateway_is_covered_by_comments_that_the_sdk_does_not_see(nervous: Proxy, gateway: Gateway) -> None:
    gateway.script({"delay_s": 0.3, "text": "at last"})
    body = body_of(nervous, said("hi", stream=True))
    comments = re.findall(rb"^: keep-alive$", body, re.MULTILINE)
    assert len(comments) >= 3
    assert text_of(frames(body)) == "at last"
    gateway.script({"delay_s": 0.3, "text": "at last"})
    with sdk(nervous) as client:
        stream = client.chat.completions.create(
            model="argo:gpt-4o", messages=[{"role": "user", "content": "hi"}], stream=True
        )
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "at last"


def test_comments_come_between_pieces_too_and_never_inside_one(nervous: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces": ["one ", "two ", "three"], "piece_delay_s": 0.15})
    body = body_of(nervous, said("hi", stream=True))
    events = body.decode().split("\n\n")
    assert text_of(frames(body)) == "one two three"
    assert all(event in ("", ": keep-alive") or event.startswith("data: ") for event in events)
    one, two = (next(at for at, event in enumerate(events) if f'"{word} "' in event) for word in ("one", "two"))
    assert ": keep-alive" in events[one:two]


def test_a_stream_over_a_whole_call_opens_at_once(proxy: Proxy, gateway: Gateway) -> None:
    """The default proxy says its first comment long before the 15 s that a silent stream waits."""
    gateway.script({"stall": "before_headers"})
    with proxy.raw(said("hi", "argo:o1-preview", stream=True)) as opened:
        head = read_until(opened, b": keep-alive\n\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert gateway.received()[-1]["outcome"] == "open"
        assert gateway.received()[-1]["path"].endswith("/chat/")
    gateway.wait_for_outcome("client_left")


def test_a_refusal_of_a_whole_call_behind_a_stream_has_its_own_status(client: openai.OpenAI, gateway: Gateway) -> None:
    gateway.script({"status": 429})
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(
            model="argo:o1-preview", messages=[{"role": "user", "content": "hi"}], stream=True
        )


@pytest.mark.parametrize("stream", [False, True])
def test_the_requests_own_timeout_is_a_504_before_the_first_byte(
    client: openai.OpenAI, gateway: Gateway, stream: bool
) -> None:
    gateway.script({"stall": "before_headers"})
    with pytest.raises(openai.InternalServerError, match=r"timeout of 0\.2 s") as caught:
        client.chat.completions.create(
            model="argo:gpt-4o",
            messages=[{"role": "user", "content": "hi"}],
            stream=stream,
            extra_body={"timeout": 0.2},
        )
    assert caught.value.status_code == 504
    gateway.wait_for_outcome("client_left")


def test_the_requests_own_timeout_is_an_error_in_the_stream_after_it(client: openai.OpenAI, gateway: Gateway) -> None:
    gateway.script({"pieces": ["so far", "never"], "stall": "mid_body"})
    stream = client.chat.completions.create(
        model="argo:gpt-4o",
        messages=[{"role": "user", "content": "hi"}],
        stream=True,
        extra_body={"timeout": 0.2},
    )
    chunks: list[Any] = []
    with pytest.raises(openai.APIError, match=r"timeout of 0\.2 s"):
        chunks.extend(iter(stream))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "so far"
    gateway.wait_for_outcome("client_left")


def test_a_timeout_long_enough_changes_nothing(proxy: Proxy) -> None:
    assert proxy.ask("POST", CHAT, said("hi", timeout=10, stream=True)).body.endswith(b"[DONE]\n\n")
    assert proxy.ask("POST", CHAT, said("hi", timeout=10, n=2)).status == 200


@pytest.mark.parametrize("stall", ["before_headers", "mid_body"])
def test_a_gateway_silent_for_too_long_is_given_up(nervous: Proxy, gateway: Gateway, stall: str) -> None:
    gateway.script({"stall": stall, "text": "never ends"})
    answer = nervous.ask("POST", CHAT, said("hi"))
    assert (answer.status, answer.json["error"]["code"]) == (504, "upstream_timeout")
    assert "0.6 s" in answer.json["error"]["message"]
    gateway.wait_for_outcome("client_left")


def test_a_stream_silent_for_too_long_ends_with_an_error(nervous: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces": ["so far", "never"], "stall": "mid_body"})
    *chunks, error = frames(body_of(nervous, said("hi", stream=True)))
    assert text_of(chunks) == "so far"
    assert error["error"]["code"] == "upstream_timeout"


def test_two_choices_keep_their_frames_whole(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script(*({"pieces": [f"{name}{number} " for number in range(200)]} for name in "ab"))
    chunks = frames(body_of(proxy, said("hi", stream=True, n=2)))
    texts = ["".join(text_of([c]) for c in chunks[:-1] if c["choices"][0]["index"] == at) for at in (0, 1)]
    assert sorted(texts) == ["".join(f"{name}{number} " for number in range(200)) for name in "ab"]


def test_when_one_choice_fails_the_other_call_is_given_up(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"status": 500}, {"stall": "before_headers"})
    assert proxy.ask("POST", CHAT, said("hi", n=2)).status == 500
    outcomes = [record["outcome"] for record in wait_for(gateway, lambda records: not any_open(records))]
    assert sorted(outcomes) == ["answered", "client_left"]


def any_open(records: list[dict[str, object]]) -> bool:
    return any(record["outcome"] == "open" for record in records)


def test_two_requests_on_one_connection_are_answered_in_turn(proxy: Proxy) -> None:
    """Pipelining: the second is sent before the first is answered."""
    data = [json.dumps(said(word, stream=True)).encode() for word in ("1a", "2b")]
    heads = [f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode() for body in data]
    with proxy.connect() as opened:
        opened.sendall(heads[0] + data[0] + heads[1] + data[1])
        received = read_until(opened, b"0\r\n\r\n")
        while received.count(b"[DONE]") < 2:
            received += opened.recv(65_536)
    assert received.index(b": 1a") < received.index(b"[DONE]") < received.index(b": 2b")


def test_no_stream_of_the_older_kind_of_http_is_cut(proxy: Proxy) -> None:
    body = json.dumps(said("old", stream=True)).encode()
    with proxy.connect() as opened:
        opened.sendall(f"POST {CHAT} HTTP/1.0\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        received = b"".join(iter(lambda: opened.recv(65_536), b""))
    assert b"[DONE]" in received
