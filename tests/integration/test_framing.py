"""Law: on one connection every request gets its own answer, in order, whatever stands between."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from secrets import token_hex
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.proxying import CHAT, Proxy, chat_bytes, frames, said, text_of
from tests.simulator.running import Gateway, everything_from

LAST = b"GET /last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
BODY = json.dumps(said("hi")).encode()
LENGTH = b"%d" % len(BODY)


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def answers(data: bytes, methods: list[str]) -> Iterator[Answer]:
    """What is read by a client that knows what it has asked, up to the answer that says that it is the last."""
    for method in methods:
        head, _, data = data.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        body, size = b"", 0 if method == "HEAD" else int(headers.get("content-length", "0"))
        while headers.get("transfer-encoding") == "chunked":
            length, _, data = data.partition(b"\r\n")
            body, data = body + data[: int(length, 16)], data[int(length, 16) + 2 :]
            if length == b"0":
                break
        yield Answer(int(status.split()[1]), headers, body + data[:size])
        data = data[size:]
        if headers.get("connection") == "close":
            break
    assert data == b""


class Kind(NamedTuple):
    """What is asked with a tag in it, what the gateway does then, and what the answer must be."""

    method: str
    path: str
    body: dict[str, Any] | bytes | None
    act: dict[str, Any] | None
    status: int
    says: str


def embedding(text: str) -> dict[str, Any]:
    return {"model": "argo:text-embedding-3-small", "input": [text] * 2}


CUT = {"pieces": ["TAG one", " two"], "drop": "mid_body"}
KINDS = {
    "whole": Kind("POST", CHAT, said("TAG"), None, 200, "You said: TAG"),
    "stream": Kind("POST", CHAT, said("TAG", stream=True), None, 200, "You said: TAG"),
    "long stream": Kind("POST", CHAT, said("TAG" * 2000, stream=True), None, 200, "You said: " + "TAG" * 2000),
    "two choices": Kind("POST", CHAT, said("TAG", n=2), None, 200, "You said: TAG"),
    "responses": Kind("POST", "/v1/responses", {"model": "argo:gpt-4o", "input": "TAG"}, None, 200, "You said: TAG"),
    "embeddings": Kind("POST", "/v1/embeddings", embedding("TAG"), None, 200, "embedding"),
    "passed on": Kind("POST", "/v1/chat", {**said("TAG", "gpt4o"), "stream": True}, None, 200, "You said: TAG"),
    "cut stream": Kind("POST", CHAT, said("TAG", stream=True), CUT, 200, "TAG one"),
    "failed whole": Kind("POST", CHAT, said("TAG"), {"status": 500, "body": "sad TAG"}, 500, "sad TAG"),
    "refused by ARGO": Kind("POST", CHAT, said("TAG"), {"status": 400, "body": "no TAG"}, 400, "no TAG"),
    "no such model": Kind("POST", CHAT, said("hi", "TAG"), None, 404, "'TAG'"),
    "no JSON": Kind("POST", CHAT, b"{", None, 400, "invalid_request_error"),
    "no such path": Kind("POST", "/TAG", said("hi"), None, 404, "nothing at /TAG"),
    "no such method": Kind("DELETE", CHAT, None, None, 405, "method_not_allowed"),
    "health": Kind("GET", "/health", None, None, 200, "healthy"),
    "head": Kind("HEAD", "/health", None, None, 200, ""),
    "options": Kind("OPTIONS", CHAT, None, None, 200, ""),
}


def tagged(value: Any, tag: str) -> Any:
    return json.loads(json.dumps(value).replace("TAG", tag))


def request(kind: Kind, tag: str, *, chunked: bool) -> bytes:
    body = kind.body if isinstance(kind.body, bytes) else b"" if kind.body is None else json.dumps(kind.body).encode()
    body = body.replace(b"TAG", tag.encode())
    head = f"{kind.method} {kind.path.replace('TAG', tag)} HTTP/1.1\r\nhost: x\r\n".encode()
    if kind.body is None:
        return head + b"\r\n"
    if not chunked:
        return head + b"content-length: %d\r\n\r\n%s" % (len(body), body)
    pieces = b"".join(b"%x;n=1\r\n%s\r\n" % (len(piece), piece) for piece in (body[:5], body[5:]) if piece)
    return head + b"transfer-encoding: chunked\r\n\r\n" + pieces + b"0\r\nx: y\r\n\r\n"


def said_in(kind: Kind, answer: Answer) -> str:
    """The text of the answer, wherever it stands."""
    is_chat = kind.path == CHAT and answer.headers.get("content-type", "").startswith("text/event-stream")
    return text_of(frames(answer.body)) if is_chat else answer.body.decode()


LAW = settings(deadline=None, derandomize=True, database=None, max_examples=20)


@LAW
@given(
    asked=st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.booleans()), min_size=2, max_size=12),
    at=st.lists(st.integers(0, 6000), max_size=6),
)
def test_every_request_gets_its_own_answer(
    proxy: Proxy, running_gateway: Gateway, asked: list[tuple[str, bool]], at: list[int]
) -> None:
    running_gateway.ask("POST", "/_simulator/reset")
    kinds = [(KINDS[name], token_hex(6), chunked) for name, chunked in asked]
    acts = [{"match": tag, **tagged(kind.act, tag)} for kind, tag, _ in kinds if kind.act]
    if acts:
        running_gateway.script(*acts)
    data = b"".join(request(kind, tag, chunked=chunked) for kind, tag, chunked in kinds) + LAST
    with proxy.connect() as opened:
        for start, end in pairwise([0, *sorted(min(cut, len(data)) for cut in at), len(data)]):
            opened.sendall(data[start:end])
        came = list(answers(everything_from(opened), [*(kind.method for kind, _, _ in kinds), "GET"]))
    for (kind, tag, _), answer in zip(kinds, came, strict=False):
        assert answer.status == kind.status
        assert kind.says.replace("TAG", tag) in said_in(kind, answer)
    assert len({answer.headers["x-request-id"] for answer in came}) == len(came)
    assert came[-1].headers["connection"] == "close"
    assert len(came) == len(asked) + 1 or at, (
        "only an answer that was sooner than its question is whole may be the last"
    )


HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
LINES = {
    "length and chunked": b"content-length: 5\r\ntransfer-encoding: chunked",
    "chunked and length": b"transfer-encoding: chunked\r\ncontent-length: 5",
    "xchunked": b"transfer-encoding: xchunked",
    "chunked twice": b"transfer-encoding: chunked, chunked",
    "chunked, identity": b"transfer-encoding: chunked, identity",
    "chunked, then identity": b"transfer-encoding: chunked\r\ntransfer-encoding: identity",
    "identity": b"transfer-encoding: identity",
    "quoted": b'transfer-encoding: "chunked"',
    "a vertical tab": b"transfer-encoding:\x0bchunked",
    "a folded line": b"transfer-encoding:\r\n chunked",
    "a folded length": b"content-length: 1\r\n 0",
    "the same length twice": b"content-length: %s\r\ncontent-length: %s" % (LENGTH, LENGTH),
    "two lengths": b"content-length: %s\r\ncontent-length: 0" % LENGTH,
    "a list of lengths": b"content-length: %s, %s" % (LENGTH, LENGTH),
    "a signed length": b"content-length: +%s" % LENGTH,
    "a negative length": b"content-length: -1",
    "a length in hexadecimal": b"content-length: 0x43",
    "no length in the header": b"content-length: ",
    "a length too large for all": b"content-length: 99999999999999999999999",
    "a space before the colon": b"content-length : %s" % LENGTH,
    "a space before the name": b" content-length: %s" % LENGTH,
    "a bare line feed": b"x: y\ncontent-length: %s" % LENGTH,
    "a bare carriage return": b"x: y\rcontent-length: %s" % LENGTH,
    "a NUL": b"content-length: %s\0" % LENGTH,
    "a line without a colon": b"content-length",
    "another protocol, length and chunked": b"connection: upgrade\r\nupgrade: h2c\r\n"
    b"content-length: 5\r\ntransfer-encoding: chunked",
}
CHUNKS = {
    "no number": b"zz\r\n%s\r\n0\r\n\r\n" % BODY,
    "0x": b"0x%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
    "a negative size": b"-1\r\n%s\r\n0\r\n\r\n" % BODY,
    "a size beyond all": b"fffffffffffffffff\r\n%s\r\n0\r\n\r\n" % BODY,
    "a space after the size": b"%x \r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
    "more than the size": b"%x\r\n%sXX\r\n0\r\n\r\n" % (len(BODY), BODY),
    "a line feed after the size": b"%x\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
    "a line feed after the data": b"%x\r\n%s\n0\r\n\r\n" % (len(BODY), BODY),
    "a line feed in an extension": b"%x;a\nb\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
    "a length at the end": b"%x\r\n%s\r\n0\r\ncontent-length: 9\r\n\r\n" % (len(BODY), BODY),
}
ATTEMPTS = {
    **{name: HEAD + line + b"\r\n\r\n" + BODY for name, line in LINES.items()},
    **{name: HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunks for name, chunks in CHUNKS.items()},
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_where_a_request_ends_is_beyond_doubt_or_it_is_refused_and_nothing_follows(
    proxy: Proxy, gateway: Gateway, attempt: bytes
) -> None:
    for cuts in ((), range(1, len(attempt), 9)):
        with proxy.connect() as opened:
            opened.sendall(chat_bytes({}, "/before"))
            for start, end in pairwise([0, *cuts, len(attempt)]):
                opened.sendall(attempt[start:end])
            opened.sendall(SMUGGLED)
            data = everything_from(opened)
        before, refused = answers(data, ["POST", "POST"])
        assert (before.status, refused.status) == (404, 400)
        assert json.loads(refused.body)["error"]["type"] == "invalid_request_error"
        assert refused.headers["connection"] == "close"
    assert gateway.received() == []


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /health HTTP/1.1\r\nx: " + b"x" * 2**22, 431),
        (b"GET /" + b"x" * 2**22, 431),
        (b"\x16\x03\x01" + b"x" * 2**22, 400),
        (b"POST /nothing HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % 2**22 + b"x" * 2**22 + SMUGGLED, 404),
        (b"POST /health HTTP/1.1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" + b"x" * 2**22, 405),
    ],
    ids=["a header", "a path", "TLS", "a body that nobody wants", "what follows the last request"],
)
def test_a_refusal_reaches_a_client_that_goes_on_sending(proxy: Proxy, data: bytes, status: int) -> None:
    """To close a connection with something unread on it takes away what its client has not read yet."""
    with proxy.connect() as opened:
        opened.sendall(data)
        (answer,) = answers(everything_from(opened), ["POST"])
    assert (answer.status, answer.headers["connection"]) == (status, "close")
