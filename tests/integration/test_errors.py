"""Whatever goes wrong at the gateway, the SDK raises what it would with OpenAI, and never shows half an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openai
import pytest

from tests.integration.proxying import CHAT, Proxy, chats, frames, proxying, said, something_new, text_of
from tests.simulator.running import Gateway

NOTICE = "AUTHENTICATION NOTICE FROM ARGO: the user name in your request is not known."
either_way = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
STATUSES = {
    400: (openai.BadRequestError, 400, "invalid_request_error"),
    401: (openai.AuthenticationError, 401, "permission_error"),
    403: (openai.PermissionDeniedError, 403, "permission_error"),
    404: (openai.NotFoundError, 404, "invalid_request_error"),
    408: (openai.APIStatusError, 408, "upstream_error"),
    409: (openai.ConflictError, 409, "invalid_request_error"),
    413: (openai.APIStatusError, 413, "invalid_request_error"),
    422: (openai.UnprocessableEntityError, 422, "invalid_request_error"),
    429: (openai.RateLimitError, 429, "rate_limit_error"),
    500: (openai.InternalServerError, 500, "upstream_error"),
    502: (openai.InternalServerError, 502, "upstream_error"),
    503: (openai.InternalServerError, 503, "upstream_error"),
    504: (openai.InternalServerError, 504, "upstream_error"),
    418: (openai.InternalServerError, 502, "upstream_error"),
    302: (openai.InternalServerError, 502, "upstream_error"),
}


def ask(client: openai.OpenAI, *, stream: bool, **more: Any) -> str:
    """The text of the answer."""
    answer = client.chat.completions.create(
        model="argo:gpt-4o", messages=[{"role": "user", "content": something_new()}], stream=stream, **more
    )
    if stream:
        return "".join(chunk.choices[0].delta.content or "" for chunk in answer)
    return str(answer.choices[0].message.content)


def failure(client: openai.OpenAI, *, stream: bool, **more: Any) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as caught:
        ask(client, stream=stream, **more)
    return caught.value


@either_way
@pytest.mark.parametrize("status", STATUSES)
def test_a_status_of_the_gateway_raises_what_the_sdk_knows_it_by(
    client: openai.OpenAI, gateway: Gateway, status: int, stream: bool
) -> None:
    gateway.script({"status": status})
    error = failure(client, stream=stream)
    kind, told_status, told_type = STATUSES[status]
    assert type(error) is kind
    assert (error.status_code, error.type) == (told_status, told_type)
    assert error.message
    assert len(chats(gateway.received())) == 1


@either_way
def test_the_length_of_an_error_does_not_change_its_status(
    client: openai.OpenAI, gateway: Gateway, stream: bool
) -> None:
    gateway.script({"status": 429, "body": "slow down " * 200_000, "content_type": "text/plain"})
    error = failure(client, stream=stream)
    assert isinstance(error, openai.RateLimitError)
    assert len(error.message) < 1000


@either_way
def test_retry_after_is_passed_on(client: openai.OpenAI, gateway: Gateway, stream: bool) -> None:
    for value in ("7", "Wed, 21 Oct 2026 07:28:00 GMT"):
        gateway.script({"status": 429, "headers": {"Retry-After": value}})
        assert failure(client, stream=stream).response.headers["retry-after"] == value


@either_way
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"error": {"message": "the message", "type": "x", "code": null}}', "application/json"),
        ('{"type": "error", "error": {"type": "x", "message": "the message"}}', "application/json"),
        ('{"detail": "the message"}', "application/json"),
        ('{"detail": [{"loc": ["body"], "msg": "the message", "type": "x"}]}', "application/json"),
        ("the message", "text/plain"),
        ("{\"detail\": \"400: {'error': {'message': 'the message'}}\"}", "application/json"),
        ("<html><head><title>the message</title></head></html>", "text/html"),
    ],
)
def test_the_gateways_message_is_unwrapped(
    client: openai.OpenAI, gateway: Gateway, body: str, content_type: str, stream: bool
) -> None:
    gateway.script({"status": 400, "body": body, "content_type": content_type})
    error = failure(client, stream=stream)
    assert error.body == {
        "message": "ARGO refused the request: the message",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


@either_way
@pytest.mark.parametrize(
    "act",
    [
        {"html": True},
        {"html": True, "status": 200},
        {"empty": True},
        {"drop": "in_headers"},
        {"drop": "after_headers"},
        {"drop": "in_headers", "reset": True},
        {"huge_header": 1_000_000},
    ],
    ids=str,
)
def test_what_is_no_answer_is_a_502(client: openai.OpenAI, gateway: Gateway, act: dict[str, Any], stream: bool) -> None:
    gateway.script(act)
    error = failure(client, stream=stream)
    assert (error.status_code, error.type) == (502, "upstream_error")
    assert "ARGO" in error.message
    assert len(chats(gateway.received())) == 1


@either_way
@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_closed_without_a_word_is_a_502_after_one_more_try(
    client: openai.OpenAI, gateway: Gateway, stream: bool, reset: bool
) -> None:
    ask(client, stream=stream)  # which leaves a connection that may have gone stale
    gateway.script({"drop": "before_headers", "reset": reset, "times": -1})
    assert failure(client, stream=stream).status_code == 502
    assert len(chats(gateway.received())) == 3


@pytest.mark.parametrize(
    "act",
    [
        {"bad_json": True},
        {"truncated_json": True},
        {"body": "[]"},
        {"body": "null"},
        {"body": '{"response": null}'},
        {"body": '{"response": 7}'},
        {"body": '{"response": ""}'},
        {"body": "{}"},
        {"body": "[" * 100_000},
        {"body": "plain text"},
        {"text": "cut", "drop": "mid_body"},
        {"text": "cut", "drop": "mid_body", "reset": True},
        {"status": 204, "empty": True},
    ],
    ids=str,
)
def test_a_whole_answer_that_cannot_be_read_is_a_502(
    client: openai.OpenAI, gateway: Gateway, act: dict[str, Any]
) -> None:
    gateway.script(act)
    error = failure(client, stream=False)
    assert (error.status_code, error.type) == (502, "upstream_error")
    assert len(error.message) < 1000


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"])
def test_a_stream_that_breaks_off_raises_after_the_text_so_far(
    client: openai.OpenAI, gateway: Gateway, model: str, reset: bool
) -> None:
    pieces = {"pieces": ["so ", "far", "never"], "piece_delay_s": 0.02}
    gateway.script({**pieces, "drop": "mid_body", "after_pieces": 2, "reset": reset})
    stream = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": something_new()}], stream=True
    )
    chunks: list[Any] = []
    with pytest.raises(openai.APIError, match="in the middle of its answer") as caught:
        chunks.extend(iter(stream))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "so far"
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * len(chunks)
    assert caught.value.code == "connection_lost"


def test_a_stream_that_breaks_off_has_no_end_mark_on_the_wire(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces": ["so far", "never"], "drop": "mid_body", "after_pieces": 1})
    answer = proxy.ask("POST", CHAT, said(something_new(), stream=True, stream_options={"include_usage": True}))
    *chunks, error = frames(answer.body)
    assert text_of(chunks) == "so far"
    assert set(error["error"]) == {"message", "type", "param", "code"}
    assert b"[DONE]" not in answer.body
    assert b'"finish_reason":"' not in answer.body


def test_the_sdks_stream_helper_sees_a_broken_stream_as_one(client: openai.OpenAI, gateway: Gateway) -> None:
    gateway.script({"pieces": ["so far", "never"], "drop": "mid_body", "after_pieces": 1})
    asked = {"model": "argo:gpt-4o", "messages": [{"role": "user", "content": something_new()}]}
    with client.chat.completions.stream(**asked) as stream, pytest.raises(openai.APIError, match="in the middle"):
        stream.get_final_completion()


@either_way
def test_the_authentication_notice_is_denied_and_never_content(
    client: openai.OpenAI, gateway: Gateway, stream: bool
) -> None:
    gateway.script({"authentication_notice": True})
    error = failure(client, stream=stream)
    assert (error.status_code, error.code) == (403, "unknown_user")
    assert "`user`" in error.message


@pytest.mark.parametrize("size", [5, 30])
def test_the_authentication_notice_is_a_403_though_cut_in_pieces(
    client: openai.OpenAI, gateway: Gateway, size: int
) -> None:
    pieces = [NOTICE[at : at + size] for at in range(0, len(NOTICE), size)]
    gateway.script({"pieces": pieces, "piece_delay_s": 0.005})
    error = failure(client, stream=True)
    assert (error.status_code, error.code) == (403, "unknown_user")


def test_an_authentication_notice_in_small_pieces_shows_no_content(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces": list(NOTICE), "piece_delay_s": 0.001})
    answer = proxy.ask("POST", CHAT, said(something_new(), stream=True))
    assert b"unknown_user" in answer.body
    assert b"[DONE]" not in answer.body
    assert b"NOTICE FROM ARGO: the user" not in answer.body


FAULT = "Cannot read properties of undefined (reading 'input_tokens')"


@either_way
def test_a_known_fault_of_the_gateway_as_content_is_a_502(
    client: openai.OpenAI, gateway: Gateway, stream: bool
) -> None:
    gateway.script({"pieces": [FAULT]} if stream else {"text": FAULT})
    error = failure(client, stream=stream)
    assert (error.status_code, error.code) == (502, "gateway_fault")


def test_a_known_fault_of_the_gateway_in_pieces_never_ends_as_an_answer(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces": [FAULT[at : at + 3] for at in range(0, len(FAULT), 3)], "piece_delay_s": 0.002})
    body = proxy.ask("POST", CHAT, said(something_new(), stream=True)).body
    assert b"gateway_fault" in body
    assert b"[DONE]" not in body


def test_a_gateway_that_does_not_listen_is_a_503(tmp_path: Path) -> None:
    with proxying(tmp_path, "http://127.0.0.1:9") as proxy:
        for stream in (False, True):
            answer = proxy.ask("POST", CHAT, said(something_new(), stream=stream))
            assert (answer.status, answer.json["error"]["code"]) == (503, "connect_error")
            assert "127.0.0.1:9" in answer.json["error"]["message"]


@either_way
def test_after_every_error_the_next_request_is_served(client: openai.OpenAI, gateway: Gateway, stream: bool) -> None:
    acts: list[dict[str, object]] = [
        {"status": 500}, {"drop": "in_headers"}, {"drop": "mid_body"}, {"empty": True}, {"html": True},
    ]  # fmt: skip
    for act in acts:
        gateway.script(act)
        with pytest.raises(openai.APIError):
            ask(client, stream=stream)
        assert ask(client, stream=stream).startswith("You said: hi")


def test_the_sdks_own_retry_gets_an_answer_after_a_503(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"status": 503, "headers": {"Retry-After": "0.01", "retry-after-ms": "1"}})
    with openai.OpenAI(base_url=proxy.url, api_key="any", max_retries=1) as client:
        assert ask(client, stream=False).startswith("You said: hi")
