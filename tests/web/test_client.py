"""Law: however the bytes of a client are cut on their way, the answers are the same, in the order of the requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_proxy.canonical.errors import ProxyError
from argo_proxy.gateway.line_meter import MAX_HEAD_BYTES
from argo_proxy.gateway.outbox import Departures
from argo_proxy.web import client
from argo_proxy.web.client import MAX_QUEUED, ClientConnection
from argo_proxy.web.http import Http

LIMIT = 1000
LAW = settings(deadline=None, derandomize=True, database=None, max_examples=60)


class Transport(asyncio.Transport):
    """What the connection did to its socket."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.ended = False
        self.closed = False
        self.aborted = False
        self.reading = True

    def write(self, data: Any) -> None:
        assert not self.ended, "written after the end"
        self.written += bytes(data)

    def write_eof(self) -> None:
        self.ended = True

    def close(self) -> None:
        self.ended = self.closed = True

    def abort(self) -> None:
        self.ended = self.closed = self.aborted = True

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Echo:
    """Answers with what it was asked; `/slow` waits for the gate, `/stream` streams, `/unread` ignores the body."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.asked: list[Http] = []
        self.cancelled: list[str] = []

    async def handle(self, http: Http) -> None:
        self.asked.append(http)
        try:
            await self._answer(http)
        except ProxyError as error:
            self.refuse(http, error)
        except asyncio.CancelledError:
            self.cancelled.append(http.path)

    def refuse(self, http: Http, error: ProxyError) -> None:
        http.respond(error.http_status, str(error.http_code).encode())

    async def _answer(self, http: Http) -> None:
        if http.path == "/slow":
            await self.gate.wait()
        if http.path == "/never":
            await asyncio.Event().wait()
        body = b"" if http.path == "/unread" else await http.body(LIMIT)
        if http.path == "/stream":
            http.start_stream()
            for at in range(0, len(body), 3):
                http.write(body[at : at + 3])
                if http.congested:
                    await http.drain()
            http.end_stream(b"end")
        else:
            http.respond(200, b"%s %s %s" % (http.method.encode(), http.path.encode(), body))


class Line:
    """A client's end of a connection, in memory."""

    def __init__(self) -> None:
        self.site = Echo()
        self.transport = Transport()
        self.open: set[ClientConnection] = set()
        self.connection = ClientConnection(self.site, self.open, Departures())
        self.connection.connection_made(self.transport)

    async def send(self, data: bytes, at: list[int] | None = None) -> None:
        edges = [0, *sorted(min(cut, len(data)) for cut in at or []), len(data)]
        for start, end in pairwise(edges):
            while not self.transport.reading and not self.transport.closed:  # noqa: ASYNC110 (asyncio's own flag)
                await asyncio.sleep(0)
            if end > start and not self.transport.closed:
                self.connection.data_received(data[start:end])
            await asyncio.sleep(0)
        await self.settle()

    async def settle(self) -> None:
        for _ in range(30):
            await asyncio.sleep(0)

    def leave(self) -> None:
        self.transport.ended = self.transport.closed = True
        self.connection.connection_lost(None)


def played(scene: Callable[[Line], Coroutine[Any, Any, None]]) -> Line:
    async def play() -> Line:
        line = Line()
        await asyncio.wait_for(scene(line), 10)
        return line

    return asyncio.run(play())


def answers(written: bytes) -> list[tuple[int, bytes]]:
    """Status and body of every answer."""
    found = []
    while written:
        head, _, written = written.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 "), head
        body = b""
        if b"\r\ntransfer-encoding: chunked" in head:
            size = -1
            while size != 0:
                line, _, written = written.partition(b"\r\n")
                size = int(line, 16)
                body, written = body + written[:size], written[size + 2 :]
        else:
            size = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            body, written = written[:size], written[size:]
        found.append((int(head[9:12]), body))
    return found


def post(path: str, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


CHUNKED = b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n4\r\n two\r\n0\r\n\r\n"
PIPELINE = (
    post("/a", b"first"),
    b"GET /b%20c/ HTTP/1.1\r\n\r\n",
    CHUNKED,
    post("/stream", b"streamed"),
    post("/big", bytes(LIMIT + 1)),
)
EXPECTED = [
    (200, b"POST /a first"),
    (200, b"GET /b c "),
    (200, b"POST /c one two"),
    (200, b"streamedend"),
    (413, b"request_too_large"),
]


@LAW
@given(at=st.lists(st.integers(0, 1400), max_size=12))
def test_requests_on_one_connection_are_answered_in_order_however_they_are_cut(at: list[int]) -> None:
    line = played(lambda line: line.send(b"".join(PIPELINE), at))
    assert answers(line.transport.written) == EXPECTED


@LAW
@given(at=st.lists(st.integers(0, 300), max_size=5), garbage=st.binary(min_size=1, max_size=60))
def test_garbage_is_refused_once_and_closes_the_connection(at: list[int], garbage: bytes) -> None:
    line = played(lambda line: line.send(b"\x00" + garbage + b"\r\n\r\n", at))
    assert answers(line.transport.written) == [(400, b"bad_http")]
    assert line.transport.ended
    assert line.site.asked == []


@LAW
@given(at=st.lists(st.integers(0, 300), max_size=5))
def test_garbage_is_told_after_the_answers_that_are_due_before_it(at: list[int]) -> None:
    line = played(lambda line: line.send(post("/a", b"first") + post("/stream", b"second") + b"\x00garbage", at))
    assert answers(line.transport.written) == [(200, b"POST /a first"), (200, b"secondend"), (400, b"bad_http")]
    assert line.transport.ended


@pytest.mark.parametrize(
    "bad",
    [
        b"Content-Length: x",
        b"Content-Length: 1\r\nContent-Length: 2",
        b"Content-Length: 1\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked, identity",
        b"Content-Length: 99999999999999999999999",
        b"Content-Length : 1",
        b"X: a\rb",
    ],
)
def test_what_could_smuggle_a_second_request_is_refused(bad: bytes) -> None:
    line = played(lambda line: line.send(b"POST /a HTTP/1.1\r\n" + bad + b"\r\n\r\n"))
    assert [status for status, _ in answers(line.transport.written)] == [400]
    assert line.transport.ended


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        (b"/", "/", {}),
        (
            b"/v1/responses/resp_1/?stream=true&starting_after=3",
            "/v1/responses/resp_1",
            {"stream": "true", "starting_after": "3"},
        ),
        (b"http://host:1/a?b=c", "/a", {"b": "c"}),
        (b"/a?b=c#d", "/a", {"b": "c"}),
        (b"/a%3Fb?c=%zz", "/a?b", {"c": "%zz"}),
        (b"//v1///models//?a=//", "/v1/models", {"a": "//"}),
        (b"//", "/", {}),
        (b"http://host:none/a?b=c", "http://host:none/a?b=c", {}),
    ],
)
def test_path_and_query_are_told_apart(url: bytes, path: str, query: dict[str, str]) -> None:
    (http,) = played(lambda line: line.send(b"GET " + url + b" HTTP/1.1\r\n\r\n")).site.asked
    assert (http.path, http.query) == (path, query)


@pytest.mark.parametrize(
    ("data", "closed"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", True),
        (b"GET / HTTP/1.0\r\n\r\n", True),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", False),
    ],
)
def test_the_connection_is_kept_as_the_client_wants_it(data: bytes, closed: bool) -> None:
    line = played(lambda line: line.send(data))
    assert answers(line.transport.written) == [(200, b"GET / ")]
    assert line.transport.ended is closed
    assert (b"connection: close" in line.transport.written) is closed


def test_a_body_over_the_limit_is_refused_before_it_is_there_and_the_rest_is_dropped() -> None:
    async def scene(line: Line) -> None:
        await line.send(f"POST /a HTTP/1.1\r\nContent-Length: {LIMIT * 50}\r\n\r\n".encode())
        assert answers(line.transport.written) == [(413, b"request_too_large")]
        assert line.transport.ended
        for _ in range(50):
            await line.send(bytes(LIMIT))
        assert not line.transport.closed, "to close while it sends could destroy the answer on its way"
        now_s = asyncio.get_running_loop().time()
        line.connection.check(now_s + client.HEAD_S - 1)
        assert not line.transport.closed
        line.connection.check(now_s + client.HEAD_S + 1)
        assert line.transport.aborted

    played(scene)


def test_a_body_nobody_reads_is_dropped_and_never_taken_for_a_request() -> None:
    async def scene(line: Line) -> None:
        body = post("/smuggled", b"")
        await line.send(f"POST /unread HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        await line.send(body + post("/next", b""))

    line = played(scene)
    assert [http.path for http in line.site.asked] == ["/unread"]
    assert line.transport.ended


def test_a_client_that_leaves_cancels_its_answer_and_what_it_had_queued() -> None:
    async def scene(line: Line) -> None:
        await line.send(post("/never", b"") + post("/next", b""))
        line.leave()
        await line.settle()

    line = played(scene)
    assert line.site.cancelled == ["/never"]
    assert [http.left for http in line.site.asked] == [True]
    assert (line.open, line.transport.written) == (set(), b"")


def test_a_client_that_leaves_in_the_middle_of_its_body_cancels_the_waiting_for_it() -> None:
    async def scene(line: Line) -> None:
        await line.send(b"POST /a HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf")
        line.leave()
        await line.settle()

    assert played(scene).site.cancelled == ["/a"]


def test_reading_stops_while_requests_wait_in_line() -> None:
    async def scene(line: Line) -> None:
        await line.send(post("/slow", b""))
        assert line.transport.reading
        line.connection.data_received(post("/next", b"") * MAX_QUEUED)
        assert line.transport.reading, "or a client that leaves would not be noticed"
        line.connection.data_received(post("/next", b""))
        assert not line.transport.reading
        line.site.gate.set()
        await line.settle()
        while len(line.site.asked) < MAX_QUEUED + 2:
            await line.settle()
        assert line.transport.reading
        assert answers(line.transport.written) == [(200, b"POST /slow "), *[(200, b"POST /next ")] * (MAX_QUEUED + 1)]

    played(scene)


def test_a_client_that_leaves_its_answers_unread_gets_no_more_of_them() -> None:
    async def scene(line: Line) -> None:
        line.connection.pause_writing()
        await line.send(post("/a", b"") * 5)
        assert len(line.site.asked) == 1
        line.connection.resume_writing()
        await line.settle()
        assert len(line.site.asked) == 5

    played(scene)


def test_a_client_that_leaves_with_requests_in_line_cancels_at_once() -> None:
    async def scene(line: Line) -> None:
        await line.send(post("/never", b"") + post("/a", b""))
        assert line.transport.reading
        line.leave()
        await line.settle()

    line = played(scene)
    assert line.site.cancelled == ["/never"]
    assert len(line.site.asked) == 1


@pytest.mark.parametrize("body", [b"zz\r\nhello\r\n", b"-1\r\n", b"3\r\nabcd\r\n0\r\n\r\n"])
def test_a_chunked_body_that_is_none_is_refused_at_once(body: bytes) -> None:
    async def scene(line: Line) -> None:
        await line.send(b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body)

    line = played(scene)
    assert answers(line.transport.written) == [(400, b"bad_http")]
    assert line.transport.ended


def test_many_wishes_for_another_protocol_in_one_piece_are_all_answered() -> None:
    asked = b"GET /a HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"

    async def scene(line: Line) -> None:
        await line.send(asked * 3000)
        while len(line.site.asked) < 3000:
            await line.settle()

    assert len(answers(played(scene).transport.written)) == 3000


def test_a_wish_for_another_protocol_does_not_hide_the_wish_to_close() -> None:
    async def scene(line: Line) -> None:
        await line.send(b"GET /a HTTP/1.1\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n")

    line = played(scene)
    assert b"\r\nconnection: close\r\n" in line.transport.written
    assert line.transport.ended


def test_a_writer_waits_for_a_slow_client_and_goes_on_when_it_has_caught_up() -> None:
    async def scene(line: Line) -> None:
        line.connection.pause_writing()
        await line.send(post("/stream", b"x" * 300))
        held = len(line.transport.written)
        assert held < 400
        line.connection.resume_writing()
        await line.settle()
        for _ in range(10):
            await line.settle()
        assert answers(line.transport.written) == [(200, b"x" * 300 + b"end")]

    played(scene)


def test_a_client_that_leaves_while_it_is_waited_for_lets_the_writer_go() -> None:
    async def scene(line: Line) -> None:
        line.connection.pause_writing()
        await line.send(post("/stream", b"x" * 300))
        line.leave()
        await line.settle()
        assert line.site.cancelled == ["/stream"]

    played(scene)


def test_a_client_that_waits_for_100_continue_gets_it_only_if_its_body_is_wanted() -> None:
    async def scene(line: Line) -> None:
        await line.send(b"POST /a HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        assert line.transport.written == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.transport.written = b""
        await line.send(b"body")
        assert answers(line.transport.written) == [(200, b"POST /a body")]
        line.transport.written = b""
        await line.send(f"POST /a HTTP/1.1\r\nContent-Length: {LIMIT + 1}\r\nExpect: 100-continue\r\n\r\n".encode())
        assert answers(line.transport.written) == [(413, b"request_too_large")]

    played(scene)


LONG = b"x" * MAX_HEAD_BYTES


@pytest.mark.parametrize("head", [b"GET /" + LONG, b"GET / HTTP/1.1\r\nX: " + LONG, b"GET / HTTP/1.1\r\n" + LONG])
def test_a_head_without_end_is_refused(head: bytes) -> None:
    line = played(lambda line: line.send(head + b"\r\n\r\n", [100, 30_000]))
    assert [status for status, _ in answers(line.transport.written)] in ([431], [400])
    assert line.transport.ended


@pytest.mark.parametrize(
    "begun",
    [
        b"GET / HTTP/1.1\r\nX: ",
        b"GET / HTTP/1.1\r\nX",
        post("/a", b"") + b"GET / HTTP/1.1\r\nX: ",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;x=",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: ",
    ],
)
def test_a_line_without_end_is_refused_before_it_fills_memory(begun: bytes) -> None:
    async def scene(line: Line) -> None:
        await line.send(begun)
        for sent in range(0, 3 * MAX_HEAD_BYTES, 1000):
            assert not line.transport.ended or sent > MAX_HEAD_BYTES
            await line.send(b"x" * 1000)

    line = played(scene)
    assert answers(line.transport.written)[-1] == (431, b"headers_too_large")
    assert line.transport.ended


def test_a_wish_for_another_protocol_is_ignored_however_it_is_cut() -> None:
    upgrade = b"POST /a HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nbody"
    for at in range(len(upgrade)):
        line = played(lambda line, at=at: line.send(upgrade + post("/b", b"next"), [at]))
        assert answers(line.transport.written) == [(200, b"POST /a body"), (200, b"POST /b next")]


def test_the_proxy_is_none_for_connect() -> None:
    line = played(lambda line: line.send(b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n"))
    assert answers(line.transport.written) == [(405, b"method_not_allowed")]
    assert line.transport.ended


@pytest.mark.parametrize(
    ("data", "limit_s"),
    [
        (b"", client.IDLE_S),
        (b"GET / HT", client.HEAD_S),
        (b"POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\n", client.BODY_SILENCE_S),
        (b"GET / HTTP/1.1\r\n\r\n", client.IDLE_S),
    ],
)
def test_a_client_silent_for_too_long_where_it_is_its_turn_is_dropped(data: bytes, limit_s: float) -> None:
    async def scene(line: Line) -> None:
        await line.send(data)
        now_s = asyncio.get_running_loop().time()
        line.connection.check(now_s + limit_s - 1)
        assert not line.transport.ended
        line.connection.check(now_s + limit_s + 1)
        assert line.transport.aborted

    played(scene)


def test_a_client_that_waits_for_its_answer_may_be_silent_for_ever() -> None:
    async def scene(line: Line) -> None:
        await line.send(post("/never", b""))
        line.connection.check(asyncio.get_running_loop().time() + 10**6)
        assert not line.transport.ended
        line.connection.cancel()
        await line.settle()

    played(scene)


def test_a_client_that_never_reads_its_answer_is_dropped_in_the_end() -> None:
    async def scene(line: Line) -> None:
        line.connection.pause_writing()
        await line.send(post("/stream", b"x" * 300))
        now_s = asyncio.get_running_loop().time()
        line.connection.check(now_s + client.UNREAD_S - 1)
        assert not line.transport.ended
        line.connection.check(now_s + client.UNREAD_S + 1)
        assert line.transport.aborted
        line.leave()
        await line.settle()

    played(scene)


def test_finishing_closes_an_idle_connection_at_once_and_a_busy_one_after_its_answer() -> None:
    async def scene(line: Line) -> None:
        idle = Line()
        idle.connection.finish()
        assert idle.transport.closed
        await line.send(post("/slow", b""))
        line.connection.finish()
        assert not line.transport.ended
        line.site.gate.set()
        await line.settle()
        assert line.transport.ended
        assert answers(line.transport.written) == [(200, b"POST /slow ")]

    played(scene)


def test_what_comes_late_is_marked_and_the_last_on_its_connection() -> None:
    async def scene(line: Line) -> None:
        await line.send(post("/stream", b"early") + post("/slow", b"early") + post("/late", b"") * 2)
        assert line.connection.busy
        line.connection.be_late()
        line.site.gate.set()
        await line.settle()
        assert not line.connection.busy

    line = played(scene)
    assert [http.late for http in line.site.asked] == [False, False]
    assert line.transport.ended, "the answer to /slow had not begun, and has said so"
    assert line.transport.written.count(b"\r\nconnection: close\r\n") == 1


def test_an_idle_connection_stays_open_for_who_comes_late() -> None:
    async def scene(line: Line) -> None:
        line.connection.be_late()
        assert not line.transport.ended
        await line.send(post("/late", b"") * 2)

    line = played(scene)
    assert [http.late for http in line.site.asked] == [True]
    assert line.transport.ended
    assert line.transport.written.count(b"\r\nconnection: close\r\n") == 1


def test_head_has_the_headers_of_get_and_no_body() -> None:
    written = played(lambda line: line.send(b"HEAD /a HTTP/1.1\r\n\r\n")).transport.written
    head, _, body = written.partition(b"\r\n\r\n")
    assert b"content-length: 8" in head
    assert body == b""


@pytest.mark.parametrize("wish", [b"", b"Connection: keep-alive\r\n"])
def test_a_stream_to_an_old_client_ends_with_its_connection(wish: bytes) -> None:
    line = played(lambda line: line.send(b"POST /stream HTTP/1.0\r\nContent-Length: 3\r\n" + wish + b"\r\nold"))
    head, _, body = line.transport.written.partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert head.endswith(b"connection: close")
    assert (body, line.transport.ended, line.transport.aborted) == (b"oldend", True, False)


def test_what_a_timer_still_says_to_a_client_that_has_just_left_goes_nowhere() -> None:
    async def scene(line: Line) -> None:
        await line.send(b"GET /never HTTP/1.1\r\n\r\n")
        line.leave()
        line.site.asked[0].start_stream()  # as the sign of life of a stream does, whose task ends in the next turn

    assert played(scene).transport.written == b""


def test_a_body_in_very_many_pieces_lets_others_go_on() -> None:
    async def scene(line: Line) -> None:
        await line.send(b"POST /never HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        line.connection.data_received(b"1\r\nx\r\n" * 2500)
        assert not line.transport.reading
        await line.settle()
        assert line.transport.reading

    played(scene)


def test_a_body_is_whole_however_many_pieces_it_comes_in() -> None:
    body = bytes(range(256)) * 20

    async def play() -> bytes:
        http = Http(Line().connection, "POST", "/a", {})
        for at in range(len(body)):
            http.feed_body(body[at : at + 1])
        http.end_body()
        return await http.body(len(body))

    assert asyncio.run(play()) == body


def test_what_was_said_before_an_answer_broke_off_is_sent() -> None:
    async def scene(line: Line) -> None:
        async def handle(http: Http) -> None:
            http.start_stream()
            http.write(b"half an ans")
            http.break_off()

        line.site.handle = handle  # type: ignore[method-assign]
        await line.send(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")

    line = played(scene)
    assert line.transport.aborted
    assert line.transport.written.endswith(b"b\r\nhalf an ans\r\n")
