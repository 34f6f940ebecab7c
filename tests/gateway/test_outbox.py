"""What is sent in one turn of the event loop leaves at its end, in order, and never too late."""

import asyncio
from typing import Any

import pytest

from argo_proxy.gateway.outbox import Departures, Outbox

LARGE = b"x" * (64 * 1024)


class Transport(asyncio.Transport):
    """What was written, write by write."""

    def __init__(self, told: list[tuple[str, bytes]], name: str = "a") -> None:
        super().__init__()
        self.closed = False
        self._told = told
        self._name = name

    def write(self, data: Any) -> None:
        self._told.append((self._name, bytes(data)))

    def is_closing(self) -> bool:
        return self.closed


def test_what_is_written_in_one_turn_leaves_together_at_its_end() -> None:
    async def play() -> None:
        told: list[tuple[str, bytes]] = []
        departures = Departures()
        first, second = (Outbox(Transport(told, name), departures) for name in "ab")
        first.write(b"1")
        second.write(b"2")
        first.write(b"3")
        assert (told, bool(first)) == ([], True)
        await asyncio.sleep(0)
        assert (told, bool(first)) == ([("a", b"13"), ("b", b"2")], False)
        second.write(b"4")
        await asyncio.sleep(0)
        assert told[2:] == [("b", b"4")]

    asyncio.run(play())


@pytest.mark.parametrize("pieces", [[LARGE + b"y"], [b"y", LARGE], [b"y"] * (64 * 1024 + 1)])
def test_much_leaves_at_once(pieces: list[bytes]) -> None:
    async def play() -> None:
        told: list[tuple[str, bytes]] = []
        outbox = Outbox(Transport(told), Departures())
        for piece in pieces:
            outbox.write(piece)
        assert told == [("a", b"".join(pieces))]
        outbox.write(b"z")
        await asyncio.sleep(0)
        assert told[1:] == [("a", b"z")]

    asyncio.run(play())


def test_whoever_closes_a_connection_sends_first_what_waits() -> None:
    async def play() -> None:
        told: list[tuple[str, bytes]] = []
        outbox = Outbox(Transport(told), Departures())
        outbox.write(b"1")
        outbox.flush()
        outbox.flush()
        assert told == [("a", b"1")]
        await asyncio.sleep(0)
        assert told == [("a", b"1")]

    asyncio.run(play())


def test_nothing_is_written_to_a_connection_that_is_closing() -> None:
    async def play() -> None:
        told: list[tuple[str, bytes]] = []
        departures = Departures()
        gone, there = Transport(told), Outbox(Transport(told, "b"), departures)
        Outbox(gone, departures).write(b"1")
        there.write(b"2")
        gone.closed = True
        await asyncio.sleep(0)
        assert told == [("b", b"2")]

    asyncio.run(play())
