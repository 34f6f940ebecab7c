"""The exchange itself, on a wire that only remembers."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from argo_proxy.canonical.errors import BadRequest
from argo_proxy.web.http import Http


class Memory:
    congested = False

    def __init__(self) -> None:
        self.written = b""

    def write(self, *pieces: bytes) -> None:
        self.written += b"".join(pieces)

    async def drain(self) -> None: ...

    def abort(self) -> None: ...


def exchange(headers: dict[bytes, bytes] | None = None) -> tuple[Http, Memory]:
    wire = Memory()
    return Http(wire, "POST", "/path/", headers or {}, persistent=True, chunked=True), wire


@pytest.mark.parametrize(
    ("query", "read"),
    [
        (b"", {}),
        (b"stream=true&limit=3", {"stream": "true", "limit": "3"}),
        (b"include[]=a&include%5B%5D=b", {"include[]": "b"}),
        (b"after=resp_1&after=resp_2", {"after": "resp_2"}),
        (b"a+b=c+d&e=%2B", {"a b": "c d", "e": "+"}),
        (b"beta&empty=&&=x", {"beta": "", "empty": "", "": "x"}),
        (b"x=%zz&y=%&z=%ff", {"x": "%zz", "y": "%", "z": "\ufffd"}),
        ("é=%C3%A9".encode(), {"é": "é"}),
        (b"\xff=\x00", {"\ufffd": "\0"}),
    ],
)
def test_the_query_is_read_whatever_it_is(query: bytes, read: dict[str, str]) -> None:
    assert Http(Memory(), "GET", "/", {}, query=query).query == read


def test_a_body_that_nobody_asks_for_is_not_kept_without_end() -> None:
    http, _ = exchange()
    for _ in range(65):
        http.feed_body(bytes(2**18))
    with pytest.raises(BadRequest) as caught:
        asyncio.run(http.body(2**30))
    assert caught.value.http_status == 413


def test_a_body_that_is_there_before_it_is_asked_for_is_whole() -> None:
    http, _ = exchange()
    http.feed_body(b"a")
    http.feed_body(b"b")
    http.end_body()
    assert asyncio.run(http.body(10)) == b"ab"


def test_all_that_libuv_reads_in_a_row_is_kept_for_a_handler_that_has_not_begun() -> None:
    http, _ = exchange()
    for _ in range(32):
        http.feed_body(bytes(2**18))
    http.end_body()
    assert len(asyncio.run(http.body(2**30))) == 2**23


def test_a_header_of_the_answer_shows_once_and_the_path_has_no_closing_slash() -> None:
    http, wire = exchange()
    http.end_body()
    http.add_headers([(b"allow", b"GET")])
    http.respond(405, b"{}")
    assert wire.written.count(b"\r\nallow: GET\r\n") == 1
    assert wire.written.startswith(b"HTTP/1.1 405 Method Not Allowed\r\n")
    assert http.path == "/path"
    assert b"connection: close" not in wire.written


def test_an_answer_before_the_end_of_the_body_closes_the_connection() -> None:
    http, wire = exchange({b"content-length": b"10"})
    http.respond(413, b"{}")
    assert b"\r\nconnection: close\r\n" in wire.written


def test_a_compressed_body_is_inflated_and_both_its_sizes_are_limited() -> None:
    http, _ = exchange({b"content-encoding": b"gzip"})
    http.feed_body(gzip.compress(bytes(1000)))
    http.end_body()
    assert asyncio.run(http.body(1000)) == bytes(1000)
    for limit in (999, 5):
        with pytest.raises(BadRequest) as caught:
            asyncio.run(http.body(limit))
        assert caught.value.http_status == 413


def test_a_body_compressed_in_an_unknown_way_is_refused_before_it_is_waited_for() -> None:
    http, wire = exchange({b"content-encoding": b"br", b"content-length": b"10", b"expect": b"100-continue"})
    with pytest.raises(BadRequest) as caught:
        asyncio.run(http.body(1000))
    http.respond(caught.value.http_status, b"{}")
    assert wire.written.startswith(b"HTTP/1.1 415 Unsupported Media Type\r\n")
    assert b"\r\naccept-encoding: gzip, deflate\r\n" in wire.written


def test_the_time_that_a_client_takes_to_read_is_not_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [0.0]
    monkeypatch.setattr("argo_proxy.web.http.perf_counter", lambda: now_s[0])

    class Slow(Memory):
        congested = True

        async def drain(self) -> None:
            now_s[0] += 3.0

    http = Http(Slow(), "POST", "/path/", {})
    now_s[0] += 1.0
    asyncio.run(http.drain())
    record = http.finish_record()
    assert (record.ms, record.own_ms) == (4000.0, 1000.0)
