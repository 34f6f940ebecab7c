"""One table of what goes wrong at the gateway, and one of the endpoints: each fault raises the same with each of them.

A new endpoint is one more line in `WHOLE` or `STREAMED`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import openai
import pytest

from tests.integration.proxying import chats, something_new
from tests.simulator.running import Gateway

Ask: TypeAlias = Callable[[openai.OpenAI], object]
MODEL = "argo:gpt-4o"


hi = something_new


def messages() -> list[Any]:
    return [{"role": "user", "content": hi()}]


def told(chunks: Iterable[Any]) -> str:
    """All chunks of a stream, to its end."""
    return "".join(str(chunk) for chunk in chunks)


WHOLE: dict[str, Ask] = {
    "chat": lambda client: client.chat.completions.create(model=MODEL, messages=messages()),
    "response": lambda client: client.responses.create(model=MODEL, input=hi()),
    "completion": lambda client: client.completions.create(model=MODEL, prompt=hi()),
    "embedding": lambda client: client.embeddings.create(model="argo:text-embedding-3-small", input=hi()),
}
STREAMED: dict[str, Ask] = {
    "chat stream": lambda client: told(client.chat.completions.create(model=MODEL, messages=messages(), stream=True)),
    "completion stream": lambda client: told(client.completions.create(model=MODEL, prompt=hi(), stream=True)),
}
EVENTS: dict[str, Ask] = {
    "response stream": lambda client: told(client.responses.create(model=MODEL, input=hi(), stream=True)),
}
"""Streams that say themselves that they broke off, so that nothing is raised then."""
PASSED: dict[str, Ask] = {
    "passed chat": lambda client: client.post("/chat", cast_to=object, body={"model": "gpt4o", "messages": messages()}),
    "passed embed": lambda client: client.post("/embed", cast_to=object, body={"model": "v3small", "prompt": [hi()]}),
}


def with_each(endpoints: dict[str, Ask]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("ask", endpoints.values(), ids=endpoints)


@dataclass(frozen=True)
class Raised:
    """What the SDK is to raise; code and message are patterns for all of each."""

    kind: type[openai.APIError]
    status: int | None
    type: str
    code: str | None
    message: str = "ARGO.+"
    headers: dict[str, str] = field(default_factory=dict)


def failure(client: openai.OpenAI, ask: Ask) -> openai.APIError:
    with pytest.raises(openai.APIError) as caught:
        ask(client)
    return caught.value


def check(error: openai.APIError, expected: Raised) -> None:
    assert type(error) is expected.kind
    assert isinstance(error.body, dict)
    assert set(error.body) == {"message", "type", "param", "code"}
    assert (error.type, error.param) == (expected.type, None)
    assert error.code == expected.code or re.fullmatch(str(expected.code), str(error.code))
    message = error.body["message"]
    assert re.fullmatch(expected.message, message), message
    assert not re.search(r"[<>\\\n]|{'|Traceback|Error code|'message'", message), message
    assert len(message) < 700
    if isinstance(error, openai.APIStatusError):
        assert error.status_code == expected.status
        assert error.response.headers["x-request-id"].startswith("req_")
        assert error.response.headers["content-type"] == "application/json"
        assert expected.headers.items() <= dict(error.response.headers).items()


# What the gateway says with a status of its own.

REFUSED = "invalid_request_error"
STATUSES = {
    400: Raised(openai.BadRequestError, 400, REFUSED, None, "ARGO refused the request: .+"),
    401: Raised(openai.AuthenticationError, 401, "permission_error", "access_denied", "ARGO denied access: .+"),
    403: Raised(openai.PermissionDeniedError, 403, "permission_error", "access_denied", "ARGO denied access: .+"),
    404: Raised(openai.NotFoundError, 404, REFUSED, None, "ARGO refused the request: .+"),
    408: Raised(openai.APIStatusError, 408, "upstream_error", "upstream_timeout", "ARGO took too long: .+"),
    409: Raised(openai.ConflictError, 409, REFUSED, None, "ARGO refused the request: .+"),
    413: Raised(openai.APIStatusError, 413, REFUSED, None, "ARGO refused the request: .+"),
    422: Raised(openai.UnprocessableEntityError, 422, REFUSED, None, "ARGO refused the request: .+"),
    429: Raised(openai.RateLimitError, 429, "rate_limit_error", "rate_limit_exceeded", "ARGO asks to slow down: .+"),
    500: Raised(openai.InternalServerError, 500, "upstream_error", "bad_gateway", "ARGO failed: .+"),
    502: Raised(
        openai.InternalServerError, 502, "upstream_error", "bad_gateway", "ARGO failed with status 502: 502 Bad Gateway"
    ),
    503: Raised(openai.InternalServerError, 503, "upstream_error", "service_unavailable", "ARGO is not available: .+"),
    504: Raised(openai.InternalServerError, 504, "upstream_error", "upstream_timeout", "ARGO took too long: .+"),
}


@with_each({**WHOLE, **STREAMED, **EVENTS})
@pytest.mark.parametrize("status", STATUSES)
def test_a_status_raises_what_the_sdk_knows_it_by(
    client: openai.OpenAI, gateway: Gateway, ask: Ask, status: int
) -> None:
    gateway.script({"status": status, "headers": {"Retry-After": "7"}})
    error = failure(client, ask)
    check(error, STATUSES[status])
    assert isinstance(error, openai.APIStatusError)
    assert error.response.headers["retry-after"] == "7"
    assert len(chats(gateway.received())) == 1


MESSAGE = "the model's limit is \"8\", not '9'; caf\u00e9 \u65e5\u672c"
INNER = {"error": {"message": MESSAGE, "type": "x", "param": None, "code": None}}
JSON, PLAIN, HTML = "application/json", "text/plain; charset=utf-8", "text/html"
WRAPPED: dict[str, tuple[object, str, str]] = {
    "OpenAI's JSON": (INNER, JSON, MESSAGE),
    "Anthropic's JSON": ({"type": "error", "error": {"type": "x", "message": MESSAGE}}, JSON, MESSAGE),
    "Google's JSON": ([{"error": {"code": 400, "message": MESSAGE, "status": "INVALID"}}], JSON, MESSAGE),
    "FastAPI's JSON": ({"detail": MESSAGE}, JSON, MESSAGE),
    "FastAPI's list": (
        {"detail": [{"loc": ["body", "top_p"], "msg": MESSAGE, "type": "x"}]},
        JSON,
        f"top_p: {MESSAGE}",
    ),
    "JSON under the wrong type": (INNER, HTML, MESSAGE),
    "JSON in JSON": ({"detail": json.dumps(INNER)}, JSON, MESSAGE),
    "a repr": (f"Error code: 400 - {INNER!r}", PLAIN, MESSAGE),
    "a repr in JSON": (
        {"error": {"message": f"Error code: 400 - {INNER!r}", "type": "BadRequestError"}},
        JSON,
        MESSAGE,
    ),
    "a repr in a repr": ({"detail": f"400: { ({'message': repr(INNER)})!r}"}, JSON, MESSAGE),
    "text": (f"  {MESSAGE}\r\n", PLAIN, MESSAGE),
    "text in lines": (MESSAGE.replace(" ", "\n"), PLAIN, MESSAGE),
    "marked text": (f"<p>{MESSAGE}</p>", HTML, MESSAGE),
    "a page": ("<html><head><title>Bad &amp; wrong</title></head><body>long</body></html>", HTML, "Bad & wrong"),
    "a page without a title": ("<!DOCTYPE html><html><body><div>nothing</div></body></html>", HTML, "a web page"),
    "a stack trace": (
        "Traceback (most recent call last):\n  File 'x.py', line 1\nValueError: no",
        PLAIN,
        "ValueError: no",
    ),
    "a long text": ("x" * 100_000, PLAIN, "x" * 600 + "…"),
    "nothing": ("", PLAIN, "its answer was empty"),
}


@with_each({**WHOLE, **STREAMED, **EVENTS})
@pytest.mark.parametrize(("body", "content_type", "said"), WRAPPED.values(), ids=WRAPPED)
def test_the_gateways_message_becomes_one_clean_sentence(
    client: openai.OpenAI, gateway: Gateway, ask: Ask, body: object, content_type: str, said: str
) -> None:
    sent = body if isinstance(body, str) else json.dumps(body)
    gateway.script({"status": 400, "body": sent, "content_type": content_type})
    error = failure(client, ask)
    check(error, STATUSES[400])
    assert isinstance(error.body, dict)
    assert error.body["message"] == f"ARGO refused the request: {said}"


# What is no answer, though its status says so.


def broken(code: str, message: str = "ARGO.+") -> Raised:
    return Raised(openai.InternalServerError, 502, "upstream_error", code, message)


NOTICE = "AUTHENTICATION NOTICE FROM ARGO: the user name in your request is not known."
UNKNOWN_USER = Raised(openai.PermissionDeniedError, 403, "permission_error", "unknown_user", "ARGO .+ set `user` to .+")
FAULT = "Cannot read properties of undefined (reading 'input_tokens')"
PAGE = "<html><head><title>Sign in</title></head><body>to go on</body></html>"

EVERYWHERE: dict[str, tuple[dict[str, Any], Raised]] = {
    "a page with 200": ({"html": True, "status": 200}, broken("bad_answer")),
    "the authentication notice": ({"authentication_notice": True}, UNKNOWN_USER),
    "a drop in the headers": ({"drop": "in_headers"}, broken("connection_lost")),
    "a drop after the headers": ({"drop": "after_headers"}, broken("connection_lost")),
    "a reset after the headers": ({"drop": "after_headers", "reset": True}, broken("connection_lost")),
    "a drop before the headers": ({"drop": "before_headers", "times": -1}, broken("connection_lost")),
    "no content": ({"status": 204, "empty": True}, broken("bad_gateway")),
    "a redirect": ({"status": 302, "headers": {"location": "/login"}}, broken("wrong_address")),
    "a page with 404": ({"html": True, "status": 404}, broken("wrong_address")),
    "an unusual status": ({"status": 418}, broken("bad_gateway", "ARGO failed with status 418: .+")),
    "headers without end": ({"huge_header": 100_000}, broken("bad_answer")),
    "an overload": (
        {"status": 529, "headers": {"Retry-After": "9"}},
        Raised(openai.InternalServerError, 503, "upstream_error", "service_unavailable", headers={"retry-after": "9"}),
    ),
    "a known fault with 500": (
        {"status": 500, "body": json.dumps({"error": {"message": FAULT}}), "headers": {"Retry-After": "9"}},
        replace(broken("gateway_fault"), headers={"retry-after": "9"}),
    ),
}
IN_A_WHOLE_ANSWER: dict[str, tuple[dict[str, Any], Raised]] = {
    "nothing at all": ({"empty": True}, broken("bad_answer", "ARGO.+: its answer was empty")),
    "truncated JSON": ({"truncated_json": True}, broken("bad_answer")),
    "JSON that is none": ({"bad_json": True}, broken("bad_answer")),
    "a page with 200 under JSON's type": ({"body": PAGE, "content_type": JSON}, broken("bad_answer", "ARGO.+Sign in")),
    "a known fault": (
        {"body": json.dumps({"response": FAULT})},
        broken("gateway_fault", f"ARGO failed: {re.escape(FAULT)}"),
    ),
    "the notice as text": ({"body": NOTICE, "content_type": PLAIN}, UNKNOWN_USER),
    "an error under 200": ({"body": json.dumps(INNER)}, broken("(bad|empty)_answer", f"ARGO.+{re.escape(MESSAGE)}")),
    "nothing in it": ({"body": "{}"}, broken("(bad|empty)_answer")),
    "a list": ({"body": "[]"}, broken("bad_answer")),
    "deep JSON": ({"body": "[" * 100_000}, broken("bad_answer")),
    "an end too soon": ({"drop": "mid_body"}, broken("connection_lost")),
    "a reset in the middle": ({"drop": "mid_body", "reset": True}, broken("connection_lost")),
}
IN_A_STREAM: dict[str, tuple[dict[str, Any], Raised]] = {
    "nothing at all": ({"empty": True}, broken("empty_answer")),
    "a known fault": ({"pieces": [FAULT]}, broken("gateway_fault", f"ARGO failed: {re.escape(FAULT)}")),
    "the notice in pieces": ({"pieces": [NOTICE[:20], NOTICE[20:]], "piece_delay_s": 0.01}, UNKNOWN_USER),
    "an end before the first text": (
        {"pieces": ["never"], "drop": "mid_body", "after_pieces": 0},
        broken("connection_lost"),
    ),
    "a page under JSON's type": ({"body": PAGE, "content_type": JSON}, broken("bad_answer", "ARGO.+Sign in")),
}


@with_each({**WHOLE, **STREAMED, **EVENTS})
@pytest.mark.parametrize(("act", "expected"), EVERYWHERE.values(), ids=EVERYWHERE)
def test_what_is_no_answer_raises_the_same_everywhere(
    client: openai.OpenAI, gateway: Gateway, ask: Ask, act: dict[str, Any], expected: Raised
) -> None:
    gateway.script(act)
    check(failure(client, ask), expected)


@with_each(WHOLE)
@pytest.mark.parametrize(("act", "expected"), IN_A_WHOLE_ANSWER.values(), ids=IN_A_WHOLE_ANSWER)
def test_a_whole_answer_that_is_none_raises(
    client: openai.OpenAI, gateway: Gateway, ask: Ask, act: dict[str, Any], expected: Raised
) -> None:
    gateway.script(act)
    check(failure(client, ask), expected)


@with_each({**STREAMED, **EVENTS})
@pytest.mark.parametrize(("act", "expected"), IN_A_STREAM.values(), ids=IN_A_STREAM)
def test_a_stream_that_has_not_begun_raises_with_a_status(
    client: openai.OpenAI, gateway: Gateway, ask: Ask, act: dict[str, Any], expected: Raised
) -> None:
    gateway.script(act)
    check(failure(client, ask), expected)


@with_each(STREAMED)
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_stream_that_breaks_off_raises_within_it(
    client: openai.OpenAI, gateway: Gateway, ask: Ask, reset: bool
) -> None:
    gateway.script({"pieces": ["so far", "never"], "drop": "mid_body", "after_pieces": 1, "reset": reset})
    error = failure(client, ask)
    check(error, Raised(openai.APIError, None, "upstream_error", "connection_lost"))


# What is passed through keeps ARGO's own words, and the proxy's own errors have OpenAI's shape.


@with_each(PASSED)
@pytest.mark.parametrize("status", STATUSES)
def test_what_is_passed_through_raises_by_the_same_status(
    client: openai.OpenAI, gateway: Gateway, ask: Ask, status: int
) -> None:
    gateway.script({"status": status, "body": json.dumps({"detail": MESSAGE}), "headers": {"Retry-After": "7"}})
    error = failure(client, ask)
    assert type(error) is STATUSES[status].kind
    assert isinstance(error, openai.APIStatusError)
    assert error.response.json() == {"detail": MESSAGE}
    assert error.response.headers["retry-after"] == "7"
    assert error.response.headers["x-request-id"].startswith("req_")


@with_each(PASSED)
@pytest.mark.parametrize("drop", ["before_headers", "in_headers", "after_headers", "mid_body"])
def test_what_cannot_be_passed_through_is_the_proxys_own_error(
    client: openai.OpenAI, gateway: Gateway, ask: Ask, drop: str
) -> None:
    gateway.script({"drop": drop, "times": -1})
    check(failure(client, ask), broken("connection_lost"))
