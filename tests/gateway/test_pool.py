"""Connections: made, kept, reused, dropped, and lost in every way, against a real server on both event loops."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from argo_proxy.canonical.errors import Unavailable, UpstreamError, UpstreamTimeout
from argo_proxy.gateway import pool as pool_module
from argo_proxy.gateway.endpoint import Origin
from argo_proxy.gateway.pool import Pool
from argo_proxy.gateway.response import HIGH_WATER
from argo_proxy.gateway.trust import Trust
from tests.gateway.loopback import OK, Visit, answering, both_loops, pooling, run_on_asyncio, serving, turns, until

Run = Callable[..., Any]
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
NOWHERE = Origin("127.0.0.1", 9, secure=False)


async def body_of(pool: Pool, origin: Origin, request: bytes = GET) -> bytes:
    return await (await pool.send(origin, request)).read_all(1000)


async def silent(visit: Visit) -> None:
    await visit.request()
    await visit.until_left()


async def after(behaviour: Callable[[Visit], Any], visit: Visit, count: int) -> None:
    for _ in range(count):
        await visit.request()
        visit.say(OK)
    await behaviour(visit)


@both_loops
def test_requests_one_after_the_other_share_a_connection(run: Run) -> None:
    async def scene() -> None:
        async with serving(answering()) as server, pooling() as pool:
            assert [await body_of(pool, server.origin) for _ in range(3)] == [b"ok"] * 3
            assert (len(server.visits), server.requests) == (1, [GET] * 3)

    run(scene())


@both_loops
def test_requests_side_by_side_and_to_other_places_have_connections_of_their_own(run: Run) -> None:
    async def scene() -> None:
        gate = asyncio.Event()

        async def behave(visit: Visit) -> None:
            await visit.request()
            await gate.wait()
            visit.say(OK)
            await visit.until_left()

        async with serving(behave) as server, serving(answering()) as other, pooling() as pool:
            calls = [asyncio.ensure_future(body_of(pool, server.origin)) for _ in range(2)]
            await until(lambda: len(server.requests) == 2)
            assert await body_of(pool, other.origin) == b"ok"
            gate.set()
            assert await asyncio.gather(*calls) == [b"ok", b"ok"]
            assert (len(server.visits), len(other.visits)) == (2, 1)

    run(scene())


@both_loops
def test_the_connection_released_last_is_used_first(run: Run) -> None:
    async def scene() -> None:
        gate = asyncio.Event()

        async def behave(visit: Visit) -> None:
            await visit.request()
            visit.say(HEAD)
            await gate.wait()
            visit.say(b"0\r\n\r\n")
            while True:
                await visit.request()
                visit.say(OK)

        async with serving(behave) as server, pooling() as pool:
            first, second = await pool.send(server.origin, GET), await pool.send(server.origin, GET)
            gate.set()
            await second.read_all(9)
            await first.read_all(9)
            released = [visit for visit in server.visits if len(visit.requests) == 1]
            await body_of(pool, server.origin)
            await body_of(pool, server.origin)
            counts = [len(visit.requests) for visit in released]
            assert sorted(counts) == [1, 3]

    run(scene())


@both_loops
def test_a_connection_idle_for_too_long_is_replaced(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with serving(answering()) as server, pooling() as pool:
            await body_of(pool, server.origin)
            monkeypatch.setattr(pool_module, "KEEP_IDLE_S", 0.0)
            await body_of(pool, server.origin)
            assert len(server.visits) == 2
            await asyncio.wait_for(server.visits[0].closed.wait(), 5)

    run(scene())


@both_loops
def test_no_more_than_so_many_idle_connections_are_kept(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        monkeypatch.setattr(pool_module, "MAX_IDLE", 2)
        gate = asyncio.Event()

        async def behave(visit: Visit) -> None:
            await visit.request()
            await gate.wait()
            visit.say(OK)
            await visit.until_left()

        async with serving(behave) as server, pooling() as pool:
            calls = [asyncio.ensure_future(body_of(pool, server.origin)) for _ in range(5)]
            await until(lambda: len(server.requests) == 5)
            gate.set()
            await asyncio.gather(*calls)
            await until(lambda: sum(visit.closed.is_set() for visit in server.visits) == 3)
            await turns(20)
            assert sum(visit.closed.is_set() for visit in server.visits) == 3

    run(scene())


@both_loops
def test_a_connection_that_the_server_closed_while_idle_is_not_used_again(run: Run) -> None:
    async def scene() -> None:
        async def behave(visit: Visit) -> None:
            await visit.request()
            visit.say(OK)
            await visit.hang_up()

        async with serving(behave) as server, pooling() as pool:
            for count in (1, 2, 3):
                assert await body_of(pool, server.origin) == b"ok"
                assert len(server.visits) == count

    run(scene())


@both_loops
@pytest.mark.parametrize("reset", [False, True])
def test_a_stale_connection_is_replaced_once_and_nobody_notices(run: Run, reset: bool) -> None:
    async def scene() -> None:
        async def hang_up(visit: Visit) -> None:
            if len(server.visits) == 1:
                await visit.reader.read(1 if reset else 1000)  # what is left unread makes it a reset
            else:
                await visit.request()
                visit.say(OK)

        async with serving(lambda visit: after(hang_up, visit, 1)) as server, pooling() as pool:
            await body_of(pool, server.origin)
            assert await body_of(pool, server.origin) == b"ok"
            assert len(server.visits) == 2

    run(scene())


@both_loops
def test_a_request_is_sent_twice_at_most_however_many_connections_are_stale(run: Run) -> None:
    async def scene() -> None:
        gate = asyncio.Event()
        poison = b"GET /poison HTTP/1.1\r\n\r\n"

        async def behave(visit: Visit) -> None:
            await visit.request()
            await gate.wait()
            visit.say(OK)
            await visit.request()

        async with serving(behave) as server, pooling() as pool:
            calls = [asyncio.ensure_future(body_of(pool, server.origin)) for _ in range(5)]
            await until(lambda: len(server.requests) == 5)
            gate.set()
            await asyncio.gather(*calls)
            gate.clear()
            call = asyncio.ensure_future(body_of(pool, server.origin, poison))
            await until(lambda: server.requests.count(poison) == 2)
            gate.set()
            assert await call == b"ok"
            assert server.requests.count(poison) == 2

    run(scene())


@both_loops
@pytest.mark.parametrize("said", [b"H", HEAD + b"4\r\npart", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_nothing_is_sent_again_once_a_byte_has_come(run: Run, said: bytes) -> None:
    async def scene() -> None:
        async def speak_and_go(visit: Visit) -> None:
            await visit.request()
            visit.say(said)
            await visit.hang_up()

        async with serving(lambda visit: after(speak_and_go, visit, 1)) as server, pooling() as pool:
            await body_of(pool, server.origin)
            with pytest.raises(UpstreamError) as caught:
                await body_of(pool, server.origin)
            assert (caught.value.http_code, len(server.requests)) == ("connection_lost", 2)

    run(scene())


@both_loops
def test_a_new_connection_that_is_closed_at_once_is_an_error_and_not_tried_again(run: Run) -> None:
    async def scene() -> None:
        async def go(visit: Visit) -> None:
            await visit.request()

        async with serving(go) as server, pooling() as pool:
            with pytest.raises(UpstreamError, match="before its answer"):
                await pool.send(server.origin, GET)
            assert len(server.visits) == 1

    run(scene())


@both_loops
def test_bytes_that_nobody_asked_for_cost_the_connection(run: Run) -> None:
    async def scene() -> None:
        async def talk(visit: Visit) -> None:
            visit.say(OK)
            await visit.until_left()

        async with serving(lambda visit: after(talk, visit, 1)) as server, pooling() as pool:
            await body_of(pool, server.origin)
            await asyncio.wait_for(server.visits[0].closed.wait(), 5)
            assert await body_of(pool, server.origin) == b"ok"
            assert len(server.visits) == 2

    run(scene())


@both_loops
def test_a_caller_that_leaves_drops_the_connection_and_with_it_the_call(run: Run) -> None:
    async def scene() -> None:
        async with serving(silent) as server, pooling() as pool:
            call = asyncio.ensure_future(pool.send(server.origin, GET))
            await until(lambda: bool(server.requests))
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            assert call.cancelled()
            await asyncio.wait_for(server.visits[0].closed.wait(), 5)

    run(scene())


@both_loops
def test_an_answer_closed_early_drops_its_connection(run: Run) -> None:
    async def scene() -> None:
        async def begin(visit: Visit) -> None:
            await visit.request()
            visit.say(HEAD + b"1\r\na\r\n")
            await visit.until_left()

        async with serving(begin) as server, pooling() as pool:
            response = await pool.send(server.origin, GET)
            assert await response.read() == b"a"
            response.close()
            await asyncio.wait_for(server.visits[0].closed.wait(), 5)

    run(scene())


@both_loops
def test_closing_the_pool_drops_every_connection(run: Run) -> None:
    async def scene() -> None:
        async with serving(answering()) as server, serving(silent) as other, pooling() as pool:
            await body_of(pool, server.origin)
            call = asyncio.ensure_future(pool.send(other.origin, GET))
            await until(lambda: bool(other.requests))
            pool.close()
            await asyncio.wait_for(server.visits[0].closed.wait(), 5)
            await asyncio.wait_for(other.visits[0].closed.wait(), 5)
            with pytest.raises(UpstreamError):
                await call

    run(scene())


@both_loops
def test_a_silent_server_is_given_up_after_the_limit(run: Run) -> None:
    async def scene() -> None:
        async with serving(silent) as server, pooling(idle_timeout_s=0.05) as pool:
            with pytest.raises(UpstreamTimeout, match=r"sent nothing for 0.05 s; `upstream_idle_timeout_s`") as caught:
                await pool.send(server.origin, GET)
            assert (caught.value.http_status, caught.value.http_code) == (504, "upstream_timeout")
            await asyncio.wait_for(server.visits[0].closed.wait(), 5)

    run(scene())


@both_loops
def test_the_limit_counts_silence_and_not_the_whole_answer(run: Run) -> None:
    async def scene() -> None:
        async def drip(visit: Visit) -> None:
            await visit.request()
            visit.say(HEAD)
            for _ in range(20):
                await asyncio.sleep(0.02)
                visit.say(b"1\r\na\r\n")
            visit.say(b"0\r\n\r\n")

        async with serving(drip) as server, pooling(idle_timeout_s=0.2) as pool:
            assert await body_of(pool, server.origin) == b"a" * 20

    run(scene())


@both_loops
def test_time_in_which_a_slow_reader_holds_the_server_back_is_not_silence(run: Run) -> None:
    async def scene() -> None:
        size = 4 * HIGH_WATER

        async def flood(visit: Visit) -> None:
            await visit.request()
            visit.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))
            await visit.until_left()

        async with serving(flood) as server, pooling(idle_timeout_s=0.1) as pool:
            response = await pool.send(server.origin, GET)
            await until(lambda: response.paused)
            await asyncio.sleep(0.3)  # time must pass here: it is what is tested
            assert len(await response.read_all(size)) == size

    run(scene())


@both_loops
def test_a_reader_that_does_not_read_stops_the_server_and_not_the_memory(run: Run) -> None:
    async def scene() -> None:
        sent = 0

        async def flood(visit: Visit) -> None:
            nonlocal sent
            await visit.request()
            visit.say(HEAD)
            for _ in range(1000):
                visit.say(b"10000\r\n" + bytes(65_536) + b"\r\n")
                await visit.writer.drain()
                sent += 65_536

        async with serving(flood) as server, pooling() as pool:
            response = await pool.send(server.origin, GET)
            await until(lambda: response.paused)
            assert HIGH_WATER < response._buffer.size < 8 * HIGH_WATER
            assert sent < 32 * 2**20
            response.close()

    run(scene())


@both_loops
def test_an_answer_read_late_does_not_release_the_answer_that_has_its_connection_now(run: Run) -> None:
    async def scene() -> None:
        size = HIGH_WATER + 4096

        async def behave(visit: Visit) -> None:
            for _ in range(2):
                await visit.request()
                visit.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))
            await visit.until_left()

        async with serving(behave) as server, pooling() as pool:
            early = await pool.send(server.origin, GET)
            await until(lambda: any(connection.usable for connection in pool._open))
            late = await pool.send(server.origin, GET)
            assert (len(await early.read_all(size)), len(await late.read_all(size))) == (size, size)
            assert len(server.visits) == 1

    run(scene())


@both_loops
def test_nobody_listening_is_told_as_unavailable(run: Run) -> None:
    async def scene() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound but not listening: nobody else can have it, and nobody answers
            origin = Origin("127.0.0.1", taken.getsockname()[1], secure=False)
            async with pooling() as pool:
                with pytest.raises(Unavailable, match=f"cannot connect to {origin}") as caught:
                    await pool.send(origin, GET)
                assert (caught.value.http_status, caught.value.http_code) == (503, "connect_error")

    run(scene())


@pytest.mark.parametrize("error", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
def test_a_host_that_cannot_be_resolved_is_told_as_that(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unresolved(*_: object, **__: object) -> object:
        raise error

    async def scene() -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unresolved)
        async with pooling() as pool:
            with pytest.raises(Unavailable, match=r"argo\.invalid cannot be resolved.*VPN") as caught:
                await pool.send(Origin("argo.invalid", 443, secure=True), GET)
            assert caught.value.http_code == "dns_error"

    run_on_asyncio(scene())


@asynccontextmanager
async def full_backlog() -> AsyncIterator[Origin]:
    """A listening socket that answers no connection request any more."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        queued = [socket.socket() for _ in range(3)]
        for one in queued:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        yield Origin("127.0.0.1", listening.getsockname()[1], secure=False)
        for one in queued:
            one.close()


def open_sockets() -> int:
    return sum("socket" in os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if alive(fd))


def alive(fd: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{fd}")


on_linux = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="a full backlog, and /proc to count sockets")


@on_linux
@both_loops
def test_a_connection_that_does_not_come_about_is_given_up_after_the_limit(run: Run) -> None:
    async def scene() -> None:
        async with full_backlog() as origin, pooling(connect_timeout_s=0.1) as pool:
            before = open_sockets()
            with pytest.raises(UpstreamTimeout, match=r"no connection to .* within 0\.1 s") as caught:
                await pool.send(origin, GET)
            assert (caught.value.http_status, caught.value.http_code) == (504, "connect_timeout")
            await until(lambda: open_sockets() == before)

    run(scene())


@on_linux
@both_loops
def test_a_caller_that_leaves_while_connecting_leaves_no_socket(run: Run) -> None:
    async def scene() -> None:
        async with full_backlog() as origin, pooling() as pool:
            before = open_sockets()
            call = asyncio.ensure_future(pool.send(origin, GET))
            await until(lambda: open_sockets() == before + 1)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            assert call.cancelled()
            await until(lambda: open_sockets() == before)

    run(scene())


@both_loops
def test_a_caller_that_leaves_at_any_moment_of_connecting_leaves_no_connection(run: Run) -> None:
    async def scene() -> None:
        async with serving(silent) as server, pooling() as pool:
            for moment in range(30):
                call = asyncio.ensure_future(pool.send(server.origin, GET))
                await turns(moment)
                call.cancel()
                await asyncio.gather(call, return_exceptions=True)
            await until(lambda: not pool._open and all(visit.closed.is_set() for visit in server.visits))

    run(scene())


@both_loops
def test_reaching_makes_a_connection_that_the_next_request_uses(run: Run) -> None:
    async def scene() -> None:
        async with serving(answering()) as server, pooling() as pool:
            await pool.reach(server.origin)
            await pool.reach(server.origin)
            assert await body_of(pool, server.origin) == b"ok"
            assert len(server.visits) == 1
            with pytest.raises(Unavailable):
                await pool.reach(NOWHERE)

    run(scene())


@both_loops
@pytest.mark.parametrize("key", ["argo.example", "argo.example:443"])
@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "localhost:{port}"])
def test_an_override_leads_elsewhere(run: Run, key: str, address: str) -> None:
    async def scene() -> None:
        async with serving(answering()) as server:
            overrides = {key: address.format(port=server.origin.port), "other.example": "127.0.0.1:9"}
            async with pooling(resolve_overrides=overrides) as pool:
                assert await body_of(pool, Origin("argo.example", 443, secure=False)) == b"ok"

    run(scene())


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("10.0.0.1", ("10.0.0.1", 443)),
        ("10.0.0.1:8443", ("10.0.0.1", 8443)),
        ("::1", ("::1", 443)),
        ("[::1]", ("::1", 443)),
        ("[::1]:8443", ("::1", 8443)),
        ("tunnel", ("tunnel", 443)),
    ],
)
def test_an_override_may_name_a_port(override: str, expected: tuple[str, int]) -> None:
    pool = Pool(connect_timeout_s=1, idle_timeout_s=1, resolve_overrides={"argo.example": override})
    assert pool._resolve(Origin("argo.example", 443, secure=True)) == expected


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def certified(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@both_loops
def test_tls_checks_the_real_name_even_through_a_tunnel(run: Run, authority: trustme.CA, tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))

    async def scene() -> None:
        async with serving(answering(), certified(authority, "argo.example")) as server:
            overrides = {"argo.example": str(server.origin), "other.example": str(server.origin)}
            async with pooling(resolve_overrides=overrides, trust=Trust(str(ca_file))) as pool:
                assert await body_of(pool, Origin("argo.example", 443, secure=True)) == b"ok"
                with pytest.raises(UpstreamError, match=r"certificate of other\.example:443 is not trusted") as caught:
                    await body_of(pool, Origin("other.example", 443, secure=True))
                assert (caught.value.http_status, caught.value.http_code) == (502, "tls_error")

    run(scene())


@both_loops
def test_an_unknown_authority_is_told_with_its_cure(run: Run, authority: trustme.CA) -> None:
    async def scene() -> None:
        async with serving(answering(), certified(authority, "127.0.0.1")) as server, pooling() as pool:
            with pytest.raises(UpstreamError, match="`ca_file`") as caught:
                await body_of(pool, server.origin)
            assert caught.value.http_code == "tls_error"

    run(scene())


@both_loops
def test_tls_to_a_server_that_speaks_plain_http_fails_as_tls(run: Run) -> None:
    async def scene() -> None:
        async def plain(visit: Visit) -> None:
            await visit.reader.read(1)
            visit.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await visit.until_left()

        async with serving(plain) as server, pooling() as pool:
            with pytest.raises(UpstreamError) as caught:
                await pool.send(server.origin._replace(secure=True), GET)
            assert caught.value.http_code == "tls_error"

    run(scene())


def test_an_answer_that_was_read_leaves_no_garbage_behind() -> None:
    async def scene() -> int:
        async with serving(answering()) as server, pooling() as pool:
            await body_of(pool, server.origin)
            gc.collect()
            gc.disable()
            try:
                for _ in range(20):
                    await body_of(pool, server.origin)
                return sum(type(one).__name__ == "HttpResponseParser" for one in gc.get_objects())
            finally:
                gc.enable()

    assert run_on_asyncio(scene()) == 0


@both_loops
def test_what_nobody_asked_for_is_not_taken_for_the_next_answer(run: Run) -> None:
    """It has come while the loop was busy with others, so that nobody has read it yet."""
    listening = socket.create_server(("127.0.0.1", 0))
    go_on, said_more = threading.Event(), threading.Event()

    def serve() -> None:
        first, _ = listening.accept()
        first.recv(65_536)
        first.sendall(OK)
        go_on.wait(10)
        first.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nforeign")
        said_more.set()
        second, _ = listening.accept()
        second.recv(65_536)
        second.sendall(OK)
        first.close()
        second.close()

    async def play() -> None:
        async with pooling() as pool:
            origin = Origin("127.0.0.1", listening.getsockname()[1], secure=False)
            assert await body_of(pool, origin) == b"ok"
            go_on.set()
            said_more.wait(10)
            assert await body_of(pool, origin) == b"ok"

    serving_it = threading.Thread(target=serve, daemon=True)
    serving_it.start()
    with listening:
        run(play())
        serving_it.join(10)


def test_a_fresh_connection_is_never_a_kept_one() -> None:
    async def play() -> None:
        async with serving(answering()) as server, pooling() as pool:
            for _ in range(3):
                assert await (await pool.send(server.origin, GET, fresh=True)).read_all(100) == b"ok"
            assert len(server.visits) == 3

    run_on_asyncio(play())


@both_loops
def test_a_fresh_connection_takes_the_place_of_a_kept_one(run: Run) -> None:
    async def play() -> None:
        async with serving(answering()) as server, pooling() as pool:
            for _ in range(5):
                await (await pool.send(server.origin, GET, fresh=True)).read_all(100)
            await until(lambda: sum(not visit.closed.is_set() for visit in server.visits) == 1)

    run(play())


@both_loops
def test_a_kept_connection_that_nobody_takes_is_closed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "KEEP_IDLE_S", 0.05)

    async def play() -> None:
        async with serving(answering()) as server, pooling(idle_timeout_s=0.2) as pool:
            for response in await asyncio.gather(*(pool.send(server.origin, GET) for _ in range(4))):
                await response.read_all(100)
            await until(lambda: all(visit.closed.is_set() for visit in server.visits))

    run(play())
