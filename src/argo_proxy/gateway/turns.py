"""So many calls at a time; where more are wanted, clients take turns.

A client with a thousand calls in the queue delays another's first one by a single call, not by a thousand.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque

from argo_proxy.canonical.errors import RateLimited

MAX_WAITING = 1000
_LATEST_S = 60
"""No client is told to come back later than this: it would wait in vain for a queue that has long gone."""
_WEIGHT = 0.1
"""Of the newest call in the mean of how long calls take."""


class Turns:
    """Hands out `limit` turns; at most `max_waiting` calls wait for one."""

    def __init__(self, limit: int, max_waiting: int = MAX_WAITING) -> None:
        self._limit = limit
        self._max_waiting = max_waiting
        self._loop = asyncio.get_running_loop()
        self._taken = 0
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}
        """By client; the first has the next turn."""
        self._waiting = 0
        self._mean_s = 1.0

    async def take(self, client: str) -> Turn:
        """A turn, as soon as it is the client's. Raises RateLimited when too many wait for one."""
        turn = self.at_once()
        if turn is None:
            await self._wait(client)
            turn = Turn(self, self._loop.time())
        return turn

    def at_once(self) -> Turn | None:
        """A turn, if one is to be had: nobody waits then."""
        if self._taken >= self._limit:
            return None
        self._taken += 1
        return Turn(self, self._loop.time())

    def give_back(self, taken_s: float) -> None:
        """A turn that was taken at that time is over; for turns to call."""
        self._mean_s += _WEIGHT * (self._loop.time() - taken_s - self._mean_s)
        self._hand_on()

    async def _wait(self, client: str) -> None:
        if self._waiting >= self._max_waiting:
            self._make_room(client)
        turn = self._loop.create_future()
        self._queues.setdefault(client, deque()).append(turn)
        self._waiting += 1
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._leave(client, turn)
            elif turn.exception() is None:
                self._hand_on()  # it came too late
            raise

    def _make_room(self, client: str) -> None:
        """The client with the longest queue loses its last place. Raises RateLimited when that is this one."""
        longest = max(self._queues, key=lambda other: len(self._queues[other]))
        if len(self._queues[longest]) <= len(self._queues.get(client, ())) + 1:
            raise self._refusal()
        last = self._queues[longest][-1]
        self._leave(longest, last)
        if not last.cancelled():  # else its owner has left, and does not know it yet
            last.set_exception(self._refusal())

    def _refusal(self) -> RateLimited:
        wait_s = min(max(1, math.ceil(self._mean_s * self._waiting / self._limit)), _LATEST_S)
        message = (
            f"{self._limit} calls to ARGO are under way (`max_concurrency`) and {self._waiting} wait for them;"
            f" try again in {wait_s} s"
        )
        return RateLimited(message, code="too_many_requests", retry_after=str(wait_s))

    def _hand_on(self) -> None:
        """Give the turn to the next client, which then is the last; to nobody when nobody waits."""
        while self._queues:
            client = next(iter(self._queues))
            queue = self._queues.pop(client)
            turn = queue.popleft()
            if queue:
                self._queues[client] = queue
            self._waiting -= 1
            if not turn.cancelled():  # else its owner has left, and does not know it yet
                turn.set_result(None)
                return
        self._taken -= 1

    def _leave(self, client: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(client)
        if queue is None or turn not in queue:
            return
        queue.remove(turn)
        self._waiting -= 1
        if not queue:
            del self._queues[client]


class Turn:
    """One call's. It can be given back more than once; the first time counts."""

    def __init__(self, turns: Turns, taken_s: float) -> None:
        self._turns: Turns | None = turns
        self._taken_s = taken_s

    def give_back(self) -> None:
        """It is over."""
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.give_back(self._taken_s)
