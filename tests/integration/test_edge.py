"""What holds for every endpoint alike: browsers, paths, methods, request ids, and how a body may come."""

from __future__ import annotations

import gzip
import http.client
import json
import sys
import zlib
from typing import Any

import pytest

from tests.integration.proxying import CHAT, DEADLINE_S, Proxy, chats, read_until, said
from tests.simulator.running import Answer, Gateway

HI = [{"role": "user", "content": "hi"}]
ASKING: dict[str, dict[str, Any]] = {
    CHAT: {"model": "argo:gpt-4o", "messages": HI},
    "/v1/completions": {"model": "argo:gpt-4o", "prompt": "hi"},
    "/v1/responses": {"model": "argo:gpt-4o", "input": "hi"},
    "/v1/responses/compact": {"model": "argo:gpt-4o", "input": "hi"},
    "/v1/embeddings": {"model": "argo:text-embedding-3-small", "input": "hi"},
    "/v1/chat": {"model": "gpt4o", "messages": HI},
    "/v1/embed": {"model": "v3small", "prompt": ["hi"]},
}
SHOWING = ("/", "/v1", "/v1/docs", "/v1/models", "/v1/models/argo:gpt-4o", "/health", "/health/ready", "/version")
PAGE = "http://localhost:3000"
SENT_BY_OPENAI_NODE = (
    "authorization,content-type,openai-organization,openai-project,x-stainless-arch,x-stainless-helper-method,"
    "x-stainless-lang,x-stainless-os,x-stainless-package-version,x-stainless-retry-count,x-stainless-runtime,"
    "x-stainless-runtime-version,x-stainless-timeout"
)
TOO_DEEP = 100_000

every_request = pytest.mark.parametrize("path", ASKING)
every_path = pytest.mark.parametrize("path", [*ASKING, *SHOWING, "/refresh"])


def error_of(answer: Answer) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"].startswith("req_")
    assert set(answer.json) == {"error"}
    assert set(answer.json["error"]) == {"message", "type", "param", "code"}
    return answer.json["error"]


# Browsers.


@every_path
def test_openais_sdk_in_a_known_page_may_ask_everything(proxy: Proxy, path: str) -> None:
    answer = proxy.ask(
        "OPTIONS",
        path,
        origin=PAGE,
        access_control_request_method="POST",
        access_control_request_headers=SENT_BY_OPENAI_NODE,
        access_control_request_private_network="true",
    )
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-headers"] == SENT_BY_OPENAI_NODE
    assert answer.headers["access-control-allow-private-network"] == "true"
    assert {"GET", "POST", "DELETE"} <= set(answer.headers["access-control-allow-methods"].split(", "))
    assert answer.headers["x-request-id"].startswith("req_")


def test_an_unknown_page_cannot_even_ask(proxy: Proxy, gateway: Gateway) -> None:
    """A page need not be able to read an answer to do harm with a request, which browsers let it send as text."""
    for path, body in ASKING.items():
        answer = proxy.ask("POST", path, body, origin="https://evil.example", content_type="text/plain")
        assert answer.status == 403
        assert "cors_origins" in error_of(answer)["message"]
    assert gateway.received() == []


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost.evil.example:80", "null", "", PAGE * 2])
def test_an_unknown_page_gets_no_leave_for_anything(proxy: Proxy, origin: str) -> None:
    asked = {"access_control_request_method": "POST", "access_control_request_private_network": "true"}
    for path in (CHAT, "/v1/models"):
        assert "access-control-allow-origin" not in proxy.ask("OPTIONS", path, origin=origin, **asked).headers


NO_JSON, COMPRESSED, LARGE = b"{", b"x", b" " * (2**20 + 1)
ERRORS: dict[str, tuple[str, str, object, dict[str, str], int]] = {
    "bad JSON": ("POST", CHAT, NO_JSON, {}, 400),
    "no such path": ("POST", "/v1/nothing", {}, {}, 404),
    "no such model": ("POST", CHAT, said("hi", model="none"), {}, 404),
    "no such model to show": ("GET", "/v1/models/none", None, {}, 404),
    "wrong method": ("DELETE", CHAT, None, {}, 405),
    "too large": ("POST", "/v1/embeddings", LARGE, {}, 413),
    "compressed in an unknown way": ("POST", "/v1/chat", COMPRESSED, {"content_encoding": "br"}, 415),
    "ARGO's refusal": ("POST", "/v1/completions", ASKING["/v1/completions"], {}, 429),
    "ARGO's refusal of a stream": ("POST", CHAT, said("hi", stream=True), {}, 429),
}


@pytest.mark.parametrize(("method", "path", "body", "headers", "status"), ERRORS.values(), ids=ERRORS)
def test_every_error_has_openais_shape_a_request_id_and_can_be_read_by_a_page(
    proxy: Proxy,
    nervous: Proxy,
    gateway: Gateway,
    method: str,
    path: str,
    body: object,
    headers: dict[str, str],
    status: int,
) -> None:
    gateway.script({"status": 429, "headers": {"Retry-After": "3"}})
    asked = (
        nervous if status == 413 else proxy
    )  # the one takes small bodies only, the other does not open streams early
    answer = asked.ask(method, path, body, origin=PAGE, **headers)
    assert answer.status == status
    assert error_of(answer)["message"]
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["vary"] == "origin"
    assert {"x-request-id", "retry-after"} <= set(answer.headers["access-control-expose-headers"].split(", "))
    assert answer.headers.get("retry-after") == ("3" if status == 429 else None)


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"GET /health HTTP/1.1\r\nhost: x\r\nx: " + b"x" * 70_000 + b"\r\n\r\n", 431, "headers_too_large"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", 431, "headers_too_large"),
        (b"no HTTP at all\r\n\r\n", 400, "bad_http"),
        (b"CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n", 405, "method_not_allowed"),
    ],
    ids=["header", "path", "garbage", "CONNECT"],
)
def test_what_is_no_request_is_told_so_in_the_same_way(proxy: Proxy, data: bytes, status: int, code: str) -> None:
    with proxy.connect() as opened:
        opened.sendall(data)
        head, _, body = read_until(opened, b"}}").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nx-request-id: req_" in head
    assert (json.loads(body)["error"]["code"], json.loads(body)["error"]["type"]) == (code, "invalid_request_error")


# Paths and methods.


@every_request
@pytest.mark.parametrize("spelling", ["{}/", "//{}", "{}?stream=false&x=%zz", "/%2f{}", "http://proxy{}", "{}//?"])
def test_a_path_may_be_spelt_as_clients_do(proxy: Proxy, path: str, spelling: str) -> None:
    assert proxy.ask("POST", spelling.format(path), ASKING[path]).status == 200


@pytest.mark.parametrize("path", SHOWING)
def test_what_is_shown_is_found_under_every_spelling_of_its_path(proxy: Proxy, path: str) -> None:
    encoded = "".join(f"%{ord(letter):02x}" for letter in path[1:])
    for spelling in (f"{path}/", f"/{path}", f"/{encoded}", f"{path}?x=%00", f"http://proxy{path}"):
        assert proxy.ask("GET", spelling).status == 200


def test_a_base_url_that_ends_in_a_slash_works(proxy: Proxy) -> None:
    assert proxy.ask("POST", "/v1//chat/completions", said("hi")).status == 200


@every_path
def test_head_and_options_never_have_a_body_and_leave_the_connection_in_step(proxy: Proxy, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=DEADLINE_S)
    connection.connect()
    opened = connection.sock
    for method, status in (("HEAD", 200 if path in SHOWING else 405), ("OPTIONS", 200), ("GET", None)):
        connection.request(method, path)
        response = connection.getresponse()
        assert response.status == status or method == "GET"
        assert bool(response.read()) is (method == "GET")
        assert connection.sock is opened
    connection.close()


def test_an_error_costs_a_client_no_connection(proxy: Proxy) -> None:
    refused = [("/v1/nothing", b"{}"), (CHAT, b"{"), ("/health", b"{}"), (CHAT, b'{"model": "none", "messages": []}')]
    with proxy.connect() as opened:
        for path, body in [*refused, (CHAT, json.dumps(said("hi")).encode())]:
            opened.sendall(
                b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (path.encode(), len(body), body)
            )
            answer = read_until(opened, b"}}")
            assert b"connection: close" not in answer
        assert b"You said: hi" in answer


# Bodies.


@every_request
@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "identity", "GZIP"])
def test_a_body_may_come_compressed(proxy: Proxy, gateway: Gateway, path: str, coding: str) -> None:
    pack = {"deflate": zlib.compress, "identity": bytes}.get(coding, gzip.compress)
    answer = proxy.ask("POST", path, pack(json.dumps(ASKING[path]).encode()), content_encoding=coding)
    assert answer.status == 200
    assert chats(gateway.received())[0]["body"]["user"] == "jdoe"


@every_request
def test_a_compressed_body_may_come_in_chunks(proxy: Proxy, path: str) -> None:
    packed = gzip.compress(json.dumps(ASKING[path]).encode())
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (packed[:10], packed[10:]))
    with proxy.connect() as opened:
        head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"
        opened.sendall(head.encode() + chunks + b"0\r\n\r\n")
        assert read_until(opened, b"\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_large_compressed_body_arrives_whole(proxy: Proxy) -> None:
    text = "compress me " * 100_000
    answer = proxy.ask("POST", CHAT, gzip.compress(json.dumps(said(text)).encode()), content_encoding="gzip")
    assert answer.json["choices"][0]["message"]["content"] == f"You said: {text}"


@every_request
def test_a_body_that_swells_over_the_limit_is_a_413(nervous: Proxy, gateway: Gateway, path: str) -> None:
    packed = gzip.compress(json.dumps({**ASKING[path], "x": "x" * 2**20}).encode())
    answer = nervous.ask("POST", path, packed, content_encoding="gzip")
    assert (answer.status, error_of(answer)["code"]) == (413, "request_too_large")
    assert "1 MiB once it is inflated; `max_body_mb`" in error_of(answer)["message"]
    assert chats(gateway.received()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_bombs_cost_no_more_memory_than_the_limit(nervous: Proxy) -> None:
    bomb = gzip.compress(bytes(200 * 2**20), 1)
    assert len(bomb) < 2**20
    before = nervous.resident_bytes()
    for _ in range(3):
        assert nervous.ask("POST", CHAT, bomb, content_encoding="gzip").status == 413
    assert nervous.resident_bytes() - before < 20 * 2**20


@every_request
@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip"])
def test_other_codings_are_a_415_that_tells_which_there_are(proxy: Proxy, path: str, coding: str) -> None:
    answer = proxy.ask("POST", path, b"anything", content_encoding=coding)
    assert (answer.status, error_of(answer)["code"]) == (415, "unsupported_encoding")
    assert "gzip" in error_of(answer)["message"]
    assert answer.headers["accept-encoding"] == "gzip, deflate"


@every_request
@pytest.mark.parametrize("damage", ["cut short", "followed by more", "not compressed", "flipped"])
def test_a_damaged_compressed_body_is_a_400(proxy: Proxy, gateway: Gateway, path: str, damage: str) -> None:
    plain = json.dumps(ASKING[path]).encode()
    packed = gzip.compress(plain)
    flipped = packed[:-1] + bytes([packed[-1] ^ 1])
    bodies = {"cut short": packed[:-1], "followed by more": packed + b"x", "not compressed": plain, "flipped": flipped}
    answer = proxy.ask("POST", path, bodies[damage], content_encoding="gzip")
    assert answer.status == 400
    assert error_of(answer)["message"].startswith("the request body is not valid gzip: ")
    assert chats(gateway.received()) == []


@every_request
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "multipart/form-data", ""],
)
def test_a_body_is_json_whatever_its_type_says(proxy: Proxy, path: str, content_type: str) -> None:
    assert proxy.ask("POST", path, ASKING[path], content_type=content_type).status == 200


def odd(path: str, more: str) -> bytes:
    """The request of this path with one more field, written by hand."""
    return (json.dumps(ASKING[path])[:-1] + f", {more}}}").encode()


BODIES: dict[str, str | bytes] = {
    "empty": b"",
    "a list": b"[]",
    "a text": b'"hi"',
    "null": b"null",
    "NaN": '"x": NaN',
    "Infinity": '"x": -Infinity',
    "a comment": '"x": 1 /* one */',
    "half a surrogate": '"x": "\\ud800"',
    "a control character": '"x": "\x01"',
    "a deep object": '"x": ' + '{"a":' * TOO_DEEP + "1" + "}" * TOO_DEEP,
    "a deep list": '"x": ' + "[" * TOO_DEEP + "]" * TOO_DEEP,
    "a deep beginning": b'{"x": ' + b"[" * TOO_DEEP,
}


@every_request
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_is_no_json_object_is_a_400_everywhere(
    proxy: Proxy, gateway: Gateway, path: str, body: str | bytes
) -> None:
    answer = proxy.ask("POST", path, odd(path, body) if isinstance(body, str) else body)
    assert answer.status == 400
    error = error_of(answer)
    assert error["type"] == "invalid_request_error"
    assert len(error["message"]) < 300
    assert chats(gateway.received()) == []


PLACES = {
    "tools": '"tools": [{"type": "function", "function": {"name": "f", "parameters": DEEP}}]',
    "response_format": '"response_format": {"type": "json_schema", "json_schema": {"name": "f", "schema": DEEP}}',
    "metadata": '"metadata": DEEP',
}


@pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro", "argo:o1-mini"])
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_no_place_for_json_is_deep_enough_to_fail_in(proxy: Proxy, model: str, place: str) -> None:
    for levels, statuses in ((200, {200, 400}), (400, {200, 400}), (TOO_DEEP, {400})):
        deep = '{"type": "object", "properties": {"a": ' * levels + "{}" + "}}" * levels
        body = odd(CHAT, place.replace("DEEP", deep)).replace(b"argo:gpt-4o", model.encode())
        assert proxy.ask("POST", CHAT, body).status in statuses


@every_request
def test_the_last_of_two_equal_keys_counts(proxy: Proxy, path: str) -> None:
    body = b'{"model": "no-model", ' + json.dumps(ASKING[path]).encode()[1:]
    assert proxy.ask("POST", path, body).status == 200


@every_request
def test_a_nul_in_a_text_is_a_character(proxy: Proxy, gateway: Gateway, path: str) -> None:
    body = json.dumps(ASKING[path]).replace('"hi"', '"h\\u0000i"').encode()
    assert proxy.ask("POST", path, body).status == 200
    assert "h\\u0000i" in json.dumps(chats(gateway.received())[0]["body"])


def test_a_large_request_may_come_in_one_go(proxy: Proxy) -> None:
    body = json.dumps(said("x" * (5 * 2**20))).encode()
    head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
    with proxy.connect() as opened:
        opened.sendall(head + body)
        assert read_until(opened, b"\r\n").startswith(b"HTTP/1.1 200 OK")
