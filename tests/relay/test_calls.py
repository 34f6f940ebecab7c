"""Calls to a gateway of raw bytes: when they are made again, when not at all, and whose turn it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from argo_proxy.canonical.errors import Unavailable, UpstreamError
from argo_proxy.gateway.breaker import FAILURES
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.gateway.response import Response
from argo_proxy.relay.calls import Calls
from argo_proxy.relay.refusals import Refusal
from tests.gateway.loopback import OK, Server, Visit, both_loops, pooling, run_on_asyncio, serving, until
from tests.gateway.loopback import turns as passes

Run = Callable[..., Any]
CUT = b"HTTP/1.1 20"
NOWHERE = Endpoint("http://127.0.0.1:1/chat/")


def status(code: int, body: bytes = b"", *headers: bytes) -> bytes:
    lines = (b"HTTP/1.1 %d Whatever" % code, *headers, b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


class Scene:
    """Calls, the server that gets them, and the pauses that were made between."""

    def __init__(self, server: Server, calls: Calls, pauses: list[float]) -> None:
        self.server = server
        self.calls = calls
        self.pauses = pauses
        self.endpoint = Endpoint(f"http://{server.origin}/chat/")

    @property
    def received(self) -> int:
        return len(self.server.requests)

    async def call(self, body: bytes = b"{}", client: str = "me") -> Response | Refusal:
        return await self.calls.make(self.endpoint, body, client)

    async def text(self, body: bytes = b"{}") -> bytes:
        answer = await self.call(body)
        return answer.body if isinstance(answer, Refusal) else await answer.read_all(1000)


@asynccontextmanager
async def scene(replies: Sequence[bytes], *, retries: int = 2, max_concurrency: int = 10) -> AsyncIterator[Scene]:
    pauses: list[float] = []

    async def rest(pause_s: float) -> None:
        pauses.append(pause_s)

    async def behave(visit: Visit) -> None:
        while True:
            await visit.request()
            reply = left.pop(0) if left else OK
            visit.say(reply)
            if reply in (b"", CUT):
                return await visit.hang_up()

    left = list(replies)
    async with serving(behave) as server, pooling() as pool:
        calls = Calls(pool, retries=retries, max_concurrency=max_concurrency, rest=rest)
        yield Scene(server, calls, pauses)


@both_loops
def test_who_leaves_in_the_middle_of_a_refusal_leaves_the_call(run: Run) -> None:
    async def play() -> None:
        told = asyncio.Event()

        async def behave(visit: Visit) -> None:
            await visit.request()
            visit.say(b"HTTP/1.1 400 No\r\nContent-Length: 9\r\n\r\nhalf")
            told.set()
            await visit.until_left()

        async with serving(behave) as server, pooling() as pool:
            calls = Calls(pool, retries=0, max_concurrency=1)
            calling = asyncio.ensure_future(calls.make(Endpoint(f"http://{server.origin}/chat/"), b"{}", "me"))
            await told.wait()
            calling.cancel()
            await asyncio.wait([calling])
            [visit] = server.visits
            await visit.closed.wait()

    run(play())


@both_loops
@pytest.mark.parametrize("code", [429, 502, 503, 504, 529])
def test_a_status_that_passes_is_asked_again(run: Run, code: int) -> None:
    async def play() -> None:
        async with scene([status(code), status(code)]) as here:
            assert await here.text() == b"ok"
            assert here.received == 3
            assert 0.25 <= here.pauses[0] <= 0.75 <= 2 * here.pauses[1] <= 3

    run(play())


@pytest.mark.parametrize("code", [400, 401, 403, 404, 408, 409, 413, 418, 422, 500, 501])
def test_a_status_that_stays_is_told_at_once(code: int) -> None:
    async def play() -> None:
        async with scene([status(code, b"no")]) as here:
            assert await here.call() == Refusal(code, b"no")
            assert (here.received, here.pauses) == (1, [])

    run_on_asyncio(play())


def test_a_known_fault_of_the_gateway_is_asked_again_whatever_its_status() -> None:
    async def play() -> None:
        async with scene([status(500, b"'NoneType' object is not iterable")]) as here:
            assert await here.text() == b"ok"

    run_on_asyncio(play())


@pytest.mark.parametrize("said", [b"", CUT])
def test_a_connection_that_is_lost_before_the_answer_is_asked_again(said: bytes) -> None:
    async def play() -> None:
        async with scene([said, said]) as here:
            assert await here.text() == b"ok"
            assert here.received == 3

    run_on_asyncio(play())


def test_the_last_word_is_told_when_nothing_helps() -> None:
    async def play() -> None:
        async with scene([status(503, b"first"), status(503, b"second"), status(429, b"third")]) as here:
            assert await here.call() == Refusal(429, b"third")
            assert here.received == 3

    run_on_asyncio(play())


def test_no_call_is_made_again_when_none_is_wanted() -> None:
    async def play() -> None:
        async with scene([status(503)], retries=0) as here:
            assert isinstance(await here.call(), Refusal)
            assert here.received == 1

    run_on_asyncio(play())


def test_what_the_gateway_asks_for_is_heeded_or_told() -> None:
    async def play() -> None:
        async with scene([status(429, b"", b"Retry-After: 3"), status(429, b"", b"Retry-After: 3000")]) as here:
            answer = await here.call()
            assert isinstance(answer, Refusal)
            assert answer.retry_after == "3000"
            assert len(here.pauses) == 1
            assert 3 <= here.pauses[0] <= 3.3

    run_on_asyncio(play())


def test_an_answer_that_has_begun_is_never_asked_again() -> None:
    async def play() -> None:
        async with scene([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b""]) as here:
            answer = await here.call()
            assert isinstance(answer, Response)
            assert await answer.read() == b"half"
            here.server.visits[0].writer.transport.abort()
            with pytest.raises(UpstreamError, match="in the middle of"):
                await answer.read()
            assert here.received == 1

    run_on_asyncio(play())


def test_a_request_that_has_been_refused_twice_is_not_sent_again() -> None:
    async def play() -> None:
        async with scene([status(400, b"no")] * 2) as here:
            assert [await here.call(b"bad") for _ in range(5)] == [Refusal(400, b"no")] * 5
            assert here.received == 2
            assert await here.text(b"good") == b"ok"

    run_on_asyncio(play())


def test_an_address_that_cannot_be_reached_is_left_alone_after_a_while() -> None:
    async def play() -> None:
        async with scene([], retries=1) as here:
            codes: list[str | None] = []
            for _ in range(FAILURES):
                with pytest.raises(UpstreamError) as caught:
                    await here.calls.make(NOWHERE, b"{}", "me")
                codes.append(caught.value.http_code)
            assert codes == ["connect_error"] * 2 + ["gateway_unreachable"] * 3
            assert list(here.calls.troubles()) == [NOWHERE.url]
            assert await here.text() == b"ok"

    run_on_asyncio(play())


def test_to_be_reached_counts_for_calls_and_calls_for_being_reached() -> None:
    async def play() -> None:
        async with scene([]) as here:
            for _ in range(FAILURES):
                with pytest.raises(UpstreamError, match="cannot connect"):
                    await here.calls.reach(NOWHERE)
            with pytest.raises(UpstreamError, match="tries again"):
                await here.calls.make(NOWHERE, b"{}", "me")
            await here.calls.reach(here.endpoint)

    run_on_asyncio(play())


@both_loops
def test_a_turn_lasts_until_the_answer_has_come_or_is_left(run: Run) -> None:
    async def play() -> None:
        half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"
        async with scene([OK, half], max_concurrency=1) as here:
            assert await here.text() == b"ok"
            open_one = await here.call()
            next_one = asyncio.ensure_future(here.call(client="you"))
            await passes()
            assert here.received == 2
            assert isinstance(open_one, Response)
            open_one.close()
            await next_one
            assert here.received == 3

    run(play())


def test_a_caller_that_leaves_gives_its_turn_back() -> None:
    async def play() -> None:
        async def silent(visit: Visit) -> None:
            await visit.request()
            if len(server.visits) > 1:
                visit.say(OK)

        async with serving(silent) as server, pooling() as pool:
            calls = Calls(pool, retries=2, max_concurrency=1)
            endpoint = Endpoint(f"http://{server.origin}/")
            first = asyncio.ensure_future(calls.make(endpoint, b"{}", "me"))
            await until(lambda: bool(server.visits and server.visits[0].requests))
            second = asyncio.ensure_future(calls.make(endpoint, b"{}", "you"))
            first.cancel()
            assert isinstance(await second, Response)

    run_on_asyncio(play())


@pytest.mark.parametrize(
    "refusal",
    [
        status(401, b"who are you"),
        status(404, b"no such model"),
        status(500, b"broken"),
        status(400, b"Rate limit exceeded"),
        status(400, b'{"error": {"message": "overloaded, try again later"}}'),
        status(422, b"request timed out"),
    ],
)
def test_a_refusal_that_may_be_over_in_a_moment_is_not_remembered(refusal: bytes) -> None:
    async def play() -> None:
        async with scene([refusal] * 3) as here:
            for _ in range(3):
                assert isinstance(await here.call(), Refusal)
            assert await here.text() == b"ok"

    run_on_asyncio(play())


@pytest.mark.parametrize("header", [b"-5", b"abc", b"1e9", b"9" * 23])
def test_a_retry_after_that_means_nothing_is_told_to_nobody(header: bytes) -> None:
    async def play() -> None:
        async with scene([status(429, b"", b"Retry-After: " + header)] * 3) as here:
            answer = await here.call()
            assert isinstance(answer, Refusal)
            assert answer.retry_after is None

    run_on_asyncio(play())


def test_an_address_can_be_reached_again_as_soon_as_it_is_connected_to() -> None:
    async def play() -> None:
        async def slow(visit: Visit) -> None:
            await visit.request()
            await visit.until_left()

        async with serving(slow) as server, pooling() as pool:
            endpoint = Endpoint(f"http://{server.origin}/")
            calls = Calls(pool, retries=0, max_concurrency=10)
            breaker = calls._breakers[endpoint.url]
            for _ in range(FAILURES):
                breaker.failed(Unavailable("no way", code="connect_error"), 0.0)
            breaker._next_s = 0.0
            trial = asyncio.ensure_future(calls.make(endpoint, b"{}", "me"))
            await until(lambda: bool(server.visits))
            assert calls.troubles() == {}
            trial.cancel()

    run_on_asyncio(play())
