"""Law: however an answer is cut on its way, the body read is the same, or the same error is raised."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Coroutine, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.gateway.line_meter import MAX_HEAD_BYTES
from argo_proxy.gateway.response import HIGH_WATER, PIECE_BYTES, Response, StaleConnection

T = TypeVar("T")
LAW = settings(deadline=None, derandomize=True, database=None, max_examples=60)
BODY = bytes(range(256)) * 3


class Wire:
    """What the answer asked of its connection."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def pause(self) -> None:
        self.asked.append("pause")

    def resume(self) -> None:
        self.asked.append("resume")

    def done(self, *, reusable: bool) -> None:
        self.asked.append("reusable" if reusable else "dropped")


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise AssertionError("it waits")


def chunked(body: bytes, size: int = 100) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def message(headers: bytes, body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 " + status + b"\r\n" + headers + b"\r\n" + body


def length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n" % len(body)


PACKED = gzip.compress(BODY, mtime=0)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
WHOLE = {
    "length": message(length(BODY), BODY),
    "chunked": message(CHUNKED, chunked(BODY)),
    "continued": b"HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n" + message(length(BODY), BODY),
    "gzip": message(b"Content-Encoding: gzip\r\n" + length(PACKED), PACKED),
    "gzip in chunks": message(b"Content-Encoding: GZIP\r\n" + CHUNKED, chunked(PACKED, 7)),
    "deflate": message(b"content-encoding: deflate\r\n" + length(zlib.compress(BODY)), zlib.compress(BODY)),
}
UNTIL_CLOSED = {
    "plain": message(b"", BODY),
    "gzip": message(b"Content-Encoding: gzip\r\n", PACKED),
    "old": b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
}
cuts = st.lists(st.integers(0, 1400), max_size=12)


def feed(response: Response, wire: Wire, data: bytes, at: Sequence[int]) -> None:
    """As a connection does it, which hands nothing on once it has been given back."""
    edges = [0, *sorted(min(cut, len(data)) for cut in at), len(data)]
    for start, end in pairwise(edges):
        if end > start and not wire.asked:
            response.receive(data[start:end])


def answered(data: bytes, at: Sequence[int] = (), *, lost: bool = False, reused: bool = False) -> tuple[Response, Wire]:
    wire = Wire()
    response = Response(wire, reused=reused)
    feed(response, wire, data, at)
    if lost and not wire.asked:
        response.lost()
    return response, wire


def fault(response: Response) -> str | None:
    """The code of the error that reading ends with."""
    with pytest.raises(UpstreamError) as caught:
        at_once(response.read_all(10**6))
    return caught.value.http_code


@pytest.mark.parametrize("kind", WHOLE)
@LAW
@given(at=cuts)
def test_an_answer_with_an_end_of_its_own_is_the_same_however_it_is_cut(kind: str, at: list[int]) -> None:
    response, wire = answered(WHOLE[kind], at)
    at_once(response.head())
    assert (response.status, at_once(response.read_all(10**6)), wire.asked) == (200, BODY, ["reusable"])
    assert b"x-early" not in response.headers


@pytest.mark.parametrize("kind", UNTIL_CLOSED)
@LAW
@given(at=cuts)
def test_an_answer_without_a_length_ends_with_its_connection(kind: str, at: list[int]) -> None:
    response, wire = answered(UNTIL_CLOSED[kind], at, lost=True)
    assert (at_once(response.read_all(10**6)), wire.asked) == (BODY, ["dropped"])


@pytest.mark.parametrize("kind", WHOLE)
@LAW
@given(end=st.integers(1, 10**6), at=cuts)
def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one(kind: str, end: int, at: list[int]) -> None:
    data = WHOLE[kind]
    response, wire = answered(data[: 1 + end % (len(data) - 1)], at, lost=True)
    assert fault(response) == "connection_lost"
    assert wire.asked == ["dropped"]


@LAW
@given(end=st.integers(0, len(PACKED) - 1))
def test_a_compressed_answer_that_breaks_off_is_noticed_even_without_a_length(end: int) -> None:
    response, _ = answered(message(b"Content-Encoding: gzip\r\n", PACKED[:end]), lost=True)
    assert fault(response) == "connection_lost"


def test_what_arrived_before_the_break_is_still_read() -> None:
    response, _ = answered(message(CHUNKED, b"5\r\nfirst\r\n6\r\nsec"), lost=True)
    assert at_once(response.read()) == b"firstsec"
    with pytest.raises(UpstreamError, match="in the middle of"):
        at_once(response.read())


@LAW
@given(garbage=st.binary(min_size=1, max_size=300), at=cuts)
def test_garbage_is_an_error_and_never_a_crash(garbage: bytes, at: list[int]) -> None:
    response, wire = answered(b"x" + garbage, at, lost=True)
    assert fault(response) in ("bad_answer", "connection_lost")
    assert wire.asked == ["dropped"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x16\x03\x01\x02", "bad_answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "bad_answer"),
        (message(length(BODY), BODY, b"000 Zero"), "bad_answer"),
        (message(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b""), "bad_answer"),
        (message(b"Content-Length: 1\r\nContent-Length: 2\r\n", b"ab"), "bad_answer"),
        (message(CHUNKED, b"zz\r\n"), "bad_answer"),
        (message(b"Content-Encoding: gzip\r\nContent-Length: 4\r\n", b"oops"), "bad_answer"),
        (message(b"Content-Encoding: gzip\r\n" + length(PACKED[:-1]), PACKED[:-1]), "connection_lost"),
        (message(b"X: " + b"h" * MAX_HEAD_BYTES + b"\r\n" + length(BODY), BODY), "bad_answer"),
        (message(b"X: h\r\n" * (MAX_HEAD_BYTES // 2) + length(BODY), BODY), "bad_answer"),
        (b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "bad_answer"),
    ],
)
def test_what_is_no_answer_says_so_and_costs_the_connection(data: bytes, code: str) -> None:
    response, wire = answered(data)
    assert fault(response) == code
    assert wire.asked == ["dropped"]


@pytest.mark.parametrize("at", [[], [60]])
@pytest.mark.parametrize("more", [WHOLE["length"], WHOLE["length"][:20], b"junk", b"HTTP/1.1 500 No\r\nX: 1\r\n\r\n"])
def test_bytes_after_the_end_never_change_the_answer_and_cost_the_connection(more: bytes, at: list[int]) -> None:
    first = message(length(b"one") + b"Content-Type: text/plain\r\n", b"one")
    response, wire = answered(first + more, at)
    assert (response.status, response.headers.get(b"content-type")) == (200, b"text/plain")
    assert b"x" not in response.headers
    assert at_once(response.read_all(100)) == b"one"
    assert wire.asked == ["dropped"]


def test_an_answer_that_closes_its_connection_is_whole_and_the_connection_gone() -> None:
    response, wire = answered(message(b"Connection: close\r\n" + length(BODY), BODY))
    assert (at_once(response.read_all(10**6)), wire.asked) == (BODY, ["dropped"])


def test_an_answer_without_a_body_is_whole_at_once() -> None:
    response, wire = answered(message(b"", b"", b"204 No Content"))
    assert (at_once(response.read()), wire.asked) == (b"", ["reusable"])


def test_header_names_are_lower_case() -> None:
    response, _ = answered(message(b"Retry-AFTER: 7\r\n" + length(b""), b"", b"429 Slow"))
    assert (response.status, response.headers[b"retry-after"]) == (429, b"7")


@pytest.mark.parametrize(
    ("data", "reused", "error"),
    [
        (b"", True, StaleConnection),
        (b"", False, UpstreamError),
        (b"H", True, UpstreamError),
        (b"HTTP/1.1 100 Continue\r\n\r\n", True, UpstreamError),
    ],
)
def test_only_a_kept_connection_that_brought_no_byte_is_stale(
    data: bytes, reused: bool, error: type[Exception]
) -> None:
    response, _ = answered(data, lost=True, reused=reused)
    with pytest.raises(error) as caught:
        at_once(response.head())
    assert type(caught.value) is error


def test_a_slow_reader_stops_the_connection_and_a_read_lets_it_go_on() -> None:
    wire = Wire()
    response = Response(wire, reused=False)
    response.receive(message(b"Content-Length: %d\r\n" % (3 * HIGH_WATER), b"x" * (HIGH_WATER - 100)))
    assert wire.asked == []
    response.receive(b"x" * 101)
    response.receive(b"x")
    assert (wire.asked, response.paused) == (["pause"], True)
    for _ in range(HIGH_WATER // PIECE_BYTES):
        assert len(at_once(response.read())) == PIECE_BYTES
        assert wire.asked == ["pause"]
    assert at_once(response.read()) == b"xx"
    assert (wire.asked, response.paused) == (["pause", "resume"], False)


def test_a_long_body_is_read_in_pieces_and_whole_in_the_end() -> None:
    body = bytes(range(256)) * 300
    response, _ = answered(message(b"Content-Length: %d\r\n" % len(body), body))
    pieces = list(iter(lambda: at_once(response.read()), b""))
    assert b"".join(pieces) == body
    assert max(map(len, pieces)) == PIECE_BYTES


def test_an_answer_complete_while_paused_asks_nothing_more_of_a_connection_that_may_have_another() -> None:
    wire = Wire()
    response = Response(wire, reused=False)
    size = HIGH_WATER + 100
    response.receive(message(b"Content-Length: %d\r\n" % size, b"x" * (size - 1)))
    response.receive(b"x")
    assert wire.asked == ["pause", "reusable"]
    assert at_once(response.read_all(size)) == b"x" * size
    assert wire.asked == ["pause", "reusable"]


def test_a_longer_body_than_allowed_is_refused_and_the_connection_dropped() -> None:
    response, wire = answered(message(CHUNKED, chunked(BODY)[:300]))
    with pytest.raises(UpstreamError) as caught:
        at_once(response.read_all(100))
    assert (caught.value.http_code, wire.asked) == ("answer_too_large", ["dropped"])


def test_closing_drops_an_unfinished_answer_once_and_leaves_a_finished_one() -> None:
    unfinished, wire = answered(message(CHUNKED, b"3\r\none\r\n"))
    unfinished.close()
    unfinished.close()
    unfinished.lost()
    assert wire.asked == ["dropped"]
    finished, wire = answered(WHOLE["length"])
    finished.close()
    assert (at_once(finished.read_all(10**6)), wire.asked) == (BODY, ["reusable"])


def test_a_waiting_reader_wakes_up_for_every_piece_and_for_the_end() -> None:
    async def scene() -> list[bytes]:
        response = Response(Wire(), reused=False)

        async def read() -> list[bytes]:
            await response.head()
            return [await response.read() for _ in range(3)]

        reading = asyncio.ensure_future(read())
        for piece in (b"HTTP/1.1 200 OK\r\n", CHUNKED + b"\r\n", b"1\r\na", b"\r\n1\r\nb\r\n", b"0\r\n\r\n"):
            for _ in range(5):
                await asyncio.sleep(0)
            response.receive(piece)
        return await reading

    assert asyncio.run(scene()) == [b"a", b"b", b""]


def test_a_read_that_was_cancelled_loses_nothing() -> None:
    async def scene() -> bytes:
        response = Response(Wire(), reused=False)
        reading = asyncio.ensure_future(response.read())
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        response.receive(WHOLE["length"])
        return await response.read_all(10**6)

    assert asyncio.run(scene()) == BODY


ENDLESS = {
    "a header": b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 100_000,
    "the name of a header": b"HTTP/1.1 200 OK\r\n" + b"a" * 100_000,
    "a reason": b"HTTP/1.1 200 " + b"O" * 100_000,
    "a trailer": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-A: " + b"a" * 100_000,
    "a chunk's extension": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;" + b"a" * 100_000,
    "a chunk's size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 100_000,
    "answers to come": b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000,
}


@pytest.mark.parametrize("data", ENDLESS.values(), ids=ENDLESS)
def test_what_never_ends_is_given_up_in_time(data: bytes) -> None:
    wire = Wire()
    response = Response(wire, reused=False)
    for at in range(0, len(data), 1000):
        if wire.asked:
            break
        response.receive(data[at : at + 1000])
    assert wire.asked == ["dropped"]
    with pytest.raises(UpstreamError, match=r"headers are longer|not valid HTTP"):
        at_once(response.read_all(10)) if response.status == 200 else at_once(response.head())


def test_very_many_tiny_pieces_stop_the_gateway_too() -> None:
    wire = Wire()
    response = Response(wire, reused=False)
    response.receive(message(CHUNKED, b"1\r\nx\r\n" * 5_000))
    assert wire.asked == ["pause"]
    read = b""
    while wire.asked == ["pause"]:
        read += at_once(response.read())
    assert read == b"x" * 5_000


async def pushed(data: bytes, at: Sequence[int], refused: Sequence[int]) -> tuple[bytes, list[int]]:
    """What a reader gets who has it pushed and reads what is left over; and how large the pushed pieces were.

    Of the pieces that are pushed, the reader takes no more at once after those that are `refused`.
    """
    got: list[bytes] = []
    sizes: list[int] = []
    wire = Wire()
    response = Response(wire, reused=False)

    def take(piece: bytes) -> bool:
        got.append(piece)
        sizes.append(len(piece))
        return len(sizes) not in refused

    async def read() -> None:
        await response.head()
        while True:
            await response.push(take)
            if not (piece := await response.read()):
                return
            got.append(piece)

    reading = asyncio.ensure_future(read())
    for start, end in pairwise([0, *sorted(min(cut, len(data)) for cut in at), len(data)]):
        if end > start:
            response.receive(data[start:end])
            await asyncio.sleep(0)
    await reading
    assert wire.asked == ["reusable"]
    return b"".join(got), sizes


@pytest.mark.parametrize("kind", WHOLE)
@LAW
@given(at=cuts, refused=st.lists(st.integers(1, 12)))
def test_a_reader_to_whom_it_is_pushed_gets_the_same(kind: str, at: list[int], refused: list[int]) -> None:
    body, _ = asyncio.run(pushed(WHOLE[kind], at, refused))
    assert body == BODY


def test_what_comes_in_one_block_is_pushed_as_one_piece_unless_it_is_large() -> None:
    head, small, large = message(CHUNKED, b""), b"2\r\nab\r\n" * 100, b"2001\r\n" + b"x" * (PIECE_BYTES + 1) + b"\r\n"
    data = head + small + large + small + b"0\r\n\r\n"
    ends = [len(head), len(head + small), len(head + small + large), len(data)]
    body, sizes = asyncio.run(pushed(data, ends, ()))
    assert (body, sizes) == (b"ab" * 100 + b"x" * (PIECE_BYTES + 1) + b"ab" * 100, [200, 200])


def test_what_a_taker_raises_reaches_the_reader() -> None:
    def take(piece: bytes) -> bool:
        raise ValueError(piece)

    async def play() -> None:
        response, _ = answered(message(length(BODY), b""))
        pushing = asyncio.ensure_future(response.push(take))
        await asyncio.sleep(0)
        response.receive(BODY[:5])
        with pytest.raises(ValueError, match=r"\\x00\\x01"):
            await pushing
        response.receive(BODY[5:])
        assert await response.read_all(10**6) == BODY[5:]

    asyncio.run(play())


def test_what_came_before_damage_is_left_to_be_read() -> None:
    async def play() -> None:
        response, _ = answered(message(CHUNKED, b""))
        taken: list[bytes] = []
        pushing = asyncio.ensure_future(response.push(lambda piece: not taken.append(piece)))
        await asyncio.sleep(0)
        response.receive(b"2\r\nab\r\nzz")
        await pushing
        assert (taken, await response.read()) == ([], b"ab")
        with pytest.raises(UpstreamError, match="not valid HTTP"):
            await response.read()

    asyncio.run(play())
