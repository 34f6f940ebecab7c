import json
import re
from pathlib import Path
from time import process_time

import msgspec
import pytest

from argo_proxy.canonical.errors import (
    BadRequest,
    Denied,
    ProxyError,
    RateLimited,
    Unavailable,
    UpstreamError,
    UpstreamTimeout,
)
from argo_proxy.dialects.wire import render_error
from argo_proxy.upstreams.faults import GATEWAY_FAULTS, describe, error_from, is_html

# Answers of the real gateway with a status other than 200, recorded in 2026; of those that say the same only one.
RECORDED = [
    json.loads(line) for line in (Path(__file__).parent / "data" / "refusals_2026.jsonl").read_text().splitlines()
]
NGINX = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>"


def repr_of(message: str) -> bytes:
    """An error as the gateway passes it on: the provider's own, as a Python repr inside its message."""
    inner = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}
    return json.dumps({"error": {"message": f"Error code: 400 - {inner!r}", "type": "BadRequestError"}}).encode()


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: f"{recorded['status']}-{recorded['model']}")
def test_every_recorded_refusal_becomes_one_clean_sentence(recorded: dict[str, object]) -> None:
    error = error_from(int(str(recorded["status"])), str(recorded["body"]).encode())
    assert not re.search(r"[{}\\\n]|Error code|request_id|req_vrtx|\bmessage\b", error.message)
    assert error.http_status == (400 if recorded["status"] == 400 else 502)


def test_the_recorded_refusals_say_what_was_wrong() -> None:
    said = {error_from(recorded["status"], recorded["body"].encode()).message for recorded in RECORDED}
    assert said >= {
        "ARGO refused the request: max_tokens is required",
        "ARGO refused the request: `temperature` is deprecated for this model.",
        "ARGO refused the request: output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
        "ARGO refused the request: Unsupported parameter: 'top_p' is not supported with this model.",
        "ARGO failed: 'NoneType' object is not iterable",
    }
    assert len(said) == len(RECORDED)


@pytest.mark.parametrize(
    ("status", "kind", "told", "code"),
    [
        (400, BadRequest, 400, None),
        (404, BadRequest, 404, None),
        (409, BadRequest, 409, None),
        (413, BadRequest, 413, None),
        (415, BadRequest, 415, None),
        (422, BadRequest, 422, None),
        (401, Denied, 401, "access_denied"),
        (403, Denied, 403, "access_denied"),
        (408, UpstreamTimeout, 408, "upstream_timeout"),
        (504, UpstreamTimeout, 504, "upstream_timeout"),
        (429, RateLimited, 429, "rate_limit_exceeded"),
        (500, UpstreamError, 500, "bad_gateway"),
        (502, UpstreamError, 502, "bad_gateway"),
        (503, Unavailable, 503, "service_unavailable"),
        (529, Unavailable, 503, "service_unavailable"),
        (204, UpstreamError, 502, "bad_gateway"),
        (418, UpstreamError, 502, "bad_gateway"),
        (520, UpstreamError, 502, "bad_gateway"),
    ],
)
def test_a_status_keeps_its_meaning(status: int, kind: type[ProxyError], told: int, code: str | None) -> None:
    error = error_from(status, b'{"detail": "because"}', "7")
    assert (type(error), error.http_status, error.http_code) == (kind, told, code)
    assert error.message.endswith(": because")
    assert error.retry_after == "7"


def test_an_unusual_status_is_named() -> None:
    assert error_from(418, b"short and stout").message == "ARGO failed with status 418: short and stout"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_wrong_address(status: int) -> None:
    error = error_from(status, NGINX)
    assert (error.http_status, error.http_code) == (502, "wrong_address")
    assert "VPN" in error.message


def test_a_web_page_in_place_of_an_endpoint_is_a_wrong_address() -> None:
    error = error_from(404, b"<!DOCTYPE html><title>404 Not Found</title>")
    assert (error.http_status, error.http_code) == (502, "wrong_address")
    assert error.message == "ARGO has nothing at the configured address: 404 Not Found"


@pytest.mark.parametrize("fault", GATEWAY_FAULTS)
def test_a_fault_of_the_gateway_itself_is_worth_another_try(fault: str) -> None:
    error = error_from(500, json.dumps({"error": {"message": fault, "type": "TypeError"}}).encode())
    assert (error.http_status, error.http_code, error.message) == (502, "gateway_fault", f"ARGO failed: {fault}")
    assert error_from(500, fault.encode(), "7").retry_after == "7"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": {"message": "no", "type": "t", "code": null}}', "no"),
        (b'{"type": "error", "error": {"type": "t", "message": "no"}}', "no"),
        (b'{"error": "no"}', "no"),
        (b'{"message": "no"}', "no"),
        (b'{"detail": "no"}', "no"),
        (
            b'{"detail": [{"type": "missing", "loc": ["body", "user"], "msg": "Field required"}]}',
            "user: Field required",
        ),
        (b'{"detail": {"error": {"message": "no"}}}', "no"),
        (b'"no"', "no"),
        (b'["no", "and no"]', '["no", "and no"]'),
        (b"no\n\n  really\tno ", "no really no"),
        (b"", "its answer was empty"),
        (b" \r\n", "its answer was empty"),
        (b'{"error": {"message": "<b> </b>"}}', "it gives no reason"),
        (b"{}", "{}"),
        (b"[]", "[]"),
        (b"null", "null"),
        (b'{"error": {"message": 5}}', '{"error": {"message": 5}}'),
        (b'{"detail": [5]}', '{"detail": [5]}'),
        (b'{"error": {"error": {"error": {"error": {"error": "deep"}}}}}', None),
        (b"\xff\xfe no", "\ufffd\ufffd no"),
        (NGINX, "502 Bad Gateway"),
        (b"  <!doctype HTML><html><h1 class='x'>Gone &amp; lost</h1>", "Gone & lost"),
        (b"<html><body>no title", "a web page"),
        (b"<p>upstream <b>timed</b> out</p>", "upstream timed out"),
        (b"if a < b and b > c", "if a < b and b > c"),
    ],
)
def test_a_message_is_found_in_whatever_it_is_wrapped(body: bytes, message: str | None) -> None:
    assert describe(body) == (body.decode() if message is None else message)


@pytest.mark.parametrize(
    "message",
    [
        'it\'s not "good"',
        "back\\slash and\nnew line",
        "Unsupported value: 'temperature'",
        'say "x"',
        "",
        "é 🦜",
        "{'a': 1}",
    ],
)
def test_a_providers_error_is_unwrapped_from_its_repr(message: str) -> None:
    assert describe(repr_of(message)) == (" ".join(message.split()) or "it gives no reason")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (r"{'message': 'an \x escape that is none'}", r"an \x escape that is none"),
        ("{'message': 'a raw\nnew line'}", "a raw new line"),
        (r"{'message': 'half a pair \ud83e'}", "half a pair ?"),
        (r'{"message": "inner \"json\""}', 'inner "json"'),
        ("{'message': 'the outer', 'cause': {'message': 'the inner'}}", "the inner"),
        ("{'message': 'never closed", "{'message': 'never closed"),
        (repr({"message": repr({"message": 'it\'s "deep"'})}), 'it\'s "deep"'),
        ("""{'message': 'SomeError - {"error": {"message": "JSON in a repr"}}'}""", "JSON in a repr"),
    ],
)
def test_a_damaged_repr_does_no_harm(text: str, message: str) -> None:
    error = error_from(400, json.dumps({"error": {"message": text}}).encode())
    assert error.message == f"ARGO refused the request: {message}"
    assert json.loads(render_error(error))["error"]["message"] == error.message


def test_of_a_stack_trace_the_last_line_is_told() -> None:
    trace = b'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: no quota\n'
    assert describe(trace) == "ValueError: no quota"


def test_a_long_message_is_cut() -> None:
    assert describe(b"x" * 5000) == "x" * 600 + "…"


@pytest.mark.parametrize(
    "unit",
    [
        b"<", b"<a", b"<h1", b"<h1>", b"<title>", b"'message': ", b"'message': '", b"\"message\":'", b"'message':\"\\",
        b"'message'", b" ", b"\\", b"[", b'{"error":', b"\xff", b"\x00",
    ],
)  # fmt: skip
@pytest.mark.parametrize("wrap", [b"%s", b'{"message": "%s"}', b"<html>%s"])
def test_a_megabyte_of_hostile_text_is_read_in_no_time(unit: bytes, wrap: bytes) -> None:
    body = wrap % (unit * (2**20 // len(unit)))
    began = process_time()
    assert len(describe(body)) <= 601
    assert process_time() - began < 0.3


@pytest.mark.parametrize(
    ("body", "page"),
    [
        (NGINX, True),
        (b" \n<!DOCTYPE HTML PUBLIC>", True),
        (b"<HTML>", True),
        (b"<p>", False),
        (b"hello <html>", False),
        (b"", False),
    ],
)
def test_a_web_page_is_known_by_its_beginning(body: bytes, page: bool) -> None:
    assert is_html(body) is page


def test_code_and_parameter_of_a_refusal_are_those_of_the_provider() -> None:
    inner = "Error code: 400 - {'error': {'message': 'Too hot.', 'param': 'temperature', 'code': 'unsupported_value'}}"
    wrapped = msgspec.json.encode({"error": {"message": inner, "code": "internal_error"}})
    plain = b'{"error": {"message": "Too long.", "param": null, "code": "context_length_exceeded"}}'
    told = [(error.http_code, error.param) for error in (error_from(400, wrapped), error_from(400, plain))]
    assert told == [("unsupported_value", "temperature"), ("context_length_exceeded", None)]
    assert error_from(500, plain).http_code == "bad_gateway"
