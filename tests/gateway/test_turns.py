"""How clients take turns, played out in one event loop."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from argo_proxy.canonical.errors import RateLimited
from argo_proxy.gateway.turns import Turn, Turns
from tests.gateway.loopback import turns as passes


class Queue:
    """Calls that want a turn, by name, and the order in which they get it."""

    def __init__(self, limit: int, max_waiting: int) -> None:
        self.turns = Turns(limit, max_waiting)
        self.order: list[str] = []
        self.held: dict[str, Turn] = {}
        self.asking: dict[str, asyncio.Task[None]] = {}

    async def ask(self, *names: str) -> None:
        """The client of a call is the first letter of its name."""
        for name in names:
            self.asking[name] = asyncio.ensure_future(self._take(name))
            await passes(2)

    async def finish(self, name: str) -> None:
        self.held.pop(name).give_back()
        await passes(3)

    async def _take(self, name: str) -> None:
        self.held[name] = await self.turns.take(name[0])
        self.order.append(name)


def played(scene: Callable[[Queue], Coroutine[Any, Any, None]], limit: int = 1, max_waiting: int = 1000) -> Queue:
    async def play() -> Queue:
        queue = Queue(limit, max_waiting)
        await scene(queue)
        return queue

    return asyncio.run(play())


def test_so_many_go_at_once_and_the_next_when_one_is_over() -> None:
    async def scene(queue: Queue) -> None:
        await queue.ask("a1", "a2", "a3")
        assert queue.order == ["a1", "a2"]
        await queue.finish("a2")
        assert queue.order == ["a1", "a2", "a3"]

    played(scene, limit=2)


def test_a_client_with_many_calls_does_not_hold_up_another() -> None:
    async def scene(queue: Queue) -> None:
        await queue.ask("a1", "a2", "a3", "a4", "b1", "c1", "b2")
        for name in ("a1", "a2", "b1", "c1", "a3", "b2"):
            await queue.finish(name)

    assert played(scene).order == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


def test_one_who_leaves_the_queue_is_passed_over() -> None:
    async def scene(queue: Queue) -> None:
        await queue.ask("a1", "a2", "b1", "b2")
        queue.asking["a2"].cancel()
        queue.asking["b1"].cancel()
        await passes()
        await queue.finish("a1")
        assert queue.order == ["a1", "b2"]
        await queue.finish("b2")
        await queue.ask("c1")

    assert played(scene).order == ["a1", "b2", "c1"]


def test_one_who_leaves_at_the_moment_of_the_turn_hands_it_on() -> None:
    async def scene(queue: Queue) -> None:
        await queue.ask("a1", "b1", "c1")
        queue.held.pop("a1").give_back()
        queue.asking["b1"].cancel()
        await passes()
        assert queue.order == ["a1", "c1"]

    played(scene)


def test_one_whose_leaving_is_not_yet_known_is_passed_over() -> None:
    async def scene(queue: Queue) -> None:
        await queue.ask("a1", "b1", "c1")
        queue.asking["b1"].cancel()
        queue.held.pop("a1").give_back()
        await passes()
        assert queue.order == ["a1", "c1"]

    played(scene)


def test_a_turn_counts_once_however_often_it_is_given_back() -> None:
    async def scene(queue: Queue) -> None:
        await queue.ask("a1", "a2", "a3")
        turn = queue.held["a1"]
        turn.give_back()
        turn.give_back()
        await passes()
        assert queue.order == ["a1", "a2"]

    played(scene)


def test_a_full_queue_says_when_to_come_back() -> None:
    async def scene(queue: Queue) -> None:
        await queue.ask("a1", "a2", "a3", "a4", "a5")
        with pytest.raises(RateLimited, match=r"1 calls to ARGO .*`max_concurrency`.* 3 wait .* in 3 s") as caught:
            await queue.asking["a5"]
        assert (caught.value.http_status, caught.value.retry_after) == (429, "3")

    played(scene, max_waiting=3)


def test_in_a_full_queue_the_longest_makes_room_for_the_others() -> None:
    async def scene(queue: Queue) -> None:
        await queue.ask("a1", "a2", "a3", "a4", "b1")
        with pytest.raises(RateLimited):
            await queue.asking["a4"]
        for name in ("a1", "a2", "b1"):
            await queue.finish(name)
        assert queue.order == ["a1", "a2", "b1", "a3"]

    played(scene, max_waiting=3)


@pytest.mark.parametrize("seed", range(20))
def test_no_turn_is_ever_lost_or_given_twice(seed: int) -> None:
    chance = random.Random(seed)

    async def scene(queue: Queue) -> None:
        for number in range(200):
            match chance.randrange(4):
                case 0 if queue.held:
                    queue.held.pop(chance.choice(list(queue.held))).give_back()
                case 1 if queue.asking:
                    queue.asking[chance.choice(list(queue.asking))].cancel()
                case _:
                    name = f"{chance.choice('abc')}{number}"
                    queue.asking[name] = asyncio.ensure_future(queue._take(name))
            await passes(chance.randrange(3))
            assert len(queue.held) <= 3
        for asking in queue.asking.values():
            asking.cancel()
        await passes(5)
        for name in list(queue.held):
            await queue.finish(name)
        await queue.ask("x1", "x2", "x3", "x4")
        assert queue.order[-3:] == ["x1", "x2", "x3"]

    played(scene, limit=3)


def test_a_thousand_who_leave_at_once_are_passed_over() -> None:
    async def scene(queue: Queue) -> None:
        names = [f"a{number}" for number in range(3000)]
        await queue.ask("x", *names, "a last")
        for name in names:
            queue.asking[name].cancel()
        queue.held.pop("x").give_back()
        await passes(5)
        assert queue.order == ["x", "a last"]

    played(scene, max_waiting=5000)


def test_room_is_made_by_one_who_has_just_left() -> None:
    async def scene(queue: Queue) -> None:
        await queue.ask("a1", "a2", "a3", "a4")
        newcomer = asyncio.ensure_future(queue.turns.take("b"))
        queue.asking["a4"].cancel()  # it gets to know after the newcomer has come
        await passes()
        assert not newcomer.done()
        await queue.finish("a1")
        await queue.finish("a2")
        assert newcomer.done()

    played(scene, max_waiting=3)
