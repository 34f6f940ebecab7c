"""Slow name servers hold up each other and nobody else."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from argo_proxy.gateway.lookups import AT_ONCE, Lookups
from tests.gateway.loopback import run_on_asyncio, until


class NameServer:
    """Answers when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: dict[str, asyncio.Future[None]] = {}
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", self._resolve)

    async def _resolve(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked[host] = asyncio.get_running_loop().create_future()
        await self.asked[host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", port))]


def test_a_place_is_free_when_the_lookup_has_ended_and_not_when_it_was_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene() -> None:
        server, lookups = NameServer(monkeypatch), Lookups()
        slow = [asyncio.ensure_future(lookups.addresses(f"slow{number}", 80)) for number in range(AT_ONCE)]
        await until(lambda: len(server.asked) == AT_ONCE)
        for one in slow:
            one.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        waiting = asyncio.ensure_future(lookups.addresses("next", 80))
        for _ in range(10):
            await asyncio.sleep(0)
        assert "next" not in server.asked
        server.asked["slow0"].set_exception(OSError("no such host"))
        await until(lambda: "next" in server.asked)
        server.asked["next"].set_result(None)
        assert await waiting == ["192.0.2.1"]
        server.asked["slow1"].set_result(None)

    run_on_asyncio(scene())


def test_one_that_fails_or_is_given_up_in_line_costs_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        server, lookups = NameServer(monkeypatch), Lookups()
        for number in range(2 * AT_ONCE):
            failing = asyncio.ensure_future(lookups.addresses(f"bad{number}", 80))
            await until(lambda name=f"bad{number}": name in server.asked)
            server.asked[f"bad{number}"].set_exception(OSError("no such host"))
            with pytest.raises(OSError, match="no such host"):
                await failing
        holding = [asyncio.ensure_future(lookups.addresses(f"slow{number}", 80)) for number in range(AT_ONCE)]
        await until(lambda: all(f"slow{number}" in server.asked for number in range(AT_ONCE)))
        in_line = asyncio.ensure_future(lookups.addresses("left", 80))
        await asyncio.sleep(0)
        in_line.cancel()
        for number in range(AT_ONCE):
            server.asked[f"slow{number}"].set_result(None)
        assert await asyncio.gather(*holding) == [["192.0.2.1"]] * AT_ONCE
        assert "left" not in server.asked

    run_on_asyncio(scene())
