"""Whether there is a newer version is asked in the background, and nobody ever waits for it."""

from __future__ import annotations

import pytest

from argo_proxy import __version__, updates
from argo_proxy.updates import Updates, VersionAnswer
from tests.gateway.loopback import answering, pooling, run_on_asyncio, serving, until

UNKNOWN = VersionAnswer(__version__, None, False)


def reply(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


@pytest.mark.parametrize(
    ("latest", "newer"),
    [("999.0", True), ("999", True), ("999.0rc1", True), ("0.0.1", False), (__version__, False), ("nonsense", False)],
)
def test_the_newest_version_is_told_once_it_is_known(latest: str, newer: bool) -> None:
    async def play() -> None:
        body = b'{"info": {"version": "%s", "name": "x"}, "urls": []}' % latest.encode()
        async with serving(answering([reply(body)])) as server, pooling() as pool:
            asked = Updates(pool, f"http://{server.origin}/json")
            assert asked.version() == UNKNOWN
            await until(lambda: asked.version().latest is not None)
            assert asked.version() == VersionAnswer(__version__, latest, newer)
            assert len(server.requests) == 1, "once a day at most"

    run_on_asyncio(play())


def test_versions_are_compared_as_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "__version__", "0.9.10")
    assert [updates.is_newer(latest) for latest in ("0.9.9", "0.9.10", "0.9.11", "0.10", "1")] == [
        False, False, True, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "bad",
    [
        reply(b"", b"404 Not Found"),
        reply(b"<html>"),
        reply(b"{}"),
        reply(b'{"info": {"version": 7}}'),
        reply(b"\xff"),
        reply(b"[" * 100_000),
        b"junk\r\n\r\n",
    ],
    ids=lambda bad: repr(bad[:40]),
)
def test_an_index_that_makes_no_sense_is_no_news(bad: bytes) -> None:
    async def play() -> None:
        async with serving(answering([bad])) as server, pooling() as pool:
            asked = Updates(pool, f"http://{server.origin}/json")
            asked.version()
            assert asked._asking is not None
            await asked._asking
            assert asked.version() == UNKNOWN

    run_on_asyncio(play())


def test_without_a_network_nothing_is_known_and_nothing_fails() -> None:
    async def play() -> None:
        async with pooling() as pool:
            asked = Updates(pool, "http://127.0.0.1:9/json")
            asked.version()
            assert asked._asking is not None
            await asked._asking
            assert asked.version() == UNKNOWN

    run_on_asyncio(play())


def test_a_silent_index_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "_TIMEOUT_S", 0.05)

    async def play() -> None:
        async with serving(lambda visit: visit.until_left()) as server, pooling() as pool:
            asked = Updates(pool, f"http://{server.origin}/json")
            asked.version()
            assert asked._asking is not None
            await asked._asking
            assert asked.version() == UNKNOWN
            await until(server.visits[0].closed.is_set)

    run_on_asyncio(play())


def test_stopping_ends_the_asking() -> None:
    async def play() -> None:
        async with serving(lambda visit: visit.until_left()) as server, pooling() as pool:
            asked = Updates(pool, f"http://{server.origin}/json")
            asked.stop()
            asked.version()
            await until(lambda: bool(server.visits))
            asked.stop()
            await until(server.visits[0].closed.is_set)

    run_on_asyncio(play())
