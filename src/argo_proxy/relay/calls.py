"""Every call to ARGO: in its turn, not in vain, and again after a failure that passes.

Law: a call is made again only as long as nothing of its answer has been told to anybody.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from random import random
from time import time
from typing import TypeAlias

from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.gateway.breaker import Breaker
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.gateway.pool import Pool
from argo_proxy.gateway.response import Response
from argo_proxy.gateway.retry import PASSING, pause_s, seconds_in
from argo_proxy.gateway.turns import Turns
from argo_proxy.relay.refusals import Refusal, Refusals
from argo_proxy.telemetry.request_log import LOGGER
from argo_proxy.upstreams.faults import is_lasting, is_passing

MAX_REFUSAL_BYTES = 256 * 1024

Outcome: TypeAlias = Response | Refusal | UpstreamError


class Calls:
    """Makes them, on the connections of a pool."""

    def __init__(
        self,
        pool: Pool,
        *,
        retries: int,
        max_concurrency: int,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`rest` waits that many seconds between two attempts."""
        self._pool = pool
        self._rest = rest
        self._retries = retries
        self._loop = asyncio.get_running_loop()
        self._turns = Turns(max_concurrency)
        self._breakers: defaultdict[str, Breaker] = defaultdict(Breaker)
        self._refusals = Refusals(self._loop.time)

    async def make(self, endpoint: Endpoint, body: bytes, client: str) -> Response | Refusal:
        """ARGO's answer: one that begins well, for the caller to read and close, or a refusal. Raises UpstreamError.

        `client` says whose turn it takes.
        """
        known = self._refusals.find(endpoint.url, body)
        if known is not None:
            return known
        outcome = await self._attempt(endpoint, body, client, fresh=False)
        for attempt in range(self._retries):
            pause = _pause_s(attempt, outcome)
            if pause is None:
                break
            logging.getLogger(LOGGER).info("%s; trying again in %.1f s", _problem(outcome), pause)
            await self._rest(pause)
            outcome = await self._attempt(endpoint, body, client, fresh=True)
        if isinstance(outcome, Response):
            return outcome
        if isinstance(outcome, UpstreamError):
            raise outcome
        if is_lasting(outcome.status, outcome.body):
            self._refusals.note(endpoint.url, body, outcome)
        return outcome

    async def reach(self, endpoint: Endpoint) -> None:
        """Make sure that it can be connected to, which counts for calls, too. Raises UpstreamError."""
        breaker = self._breakers[endpoint.url]
        breaker.admit(self._loop.time())
        try:
            await self._pool.reach(endpoint.origin)
        except UpstreamError as error:
            breaker.failed(error, self._loop.time())
            raise
        breaker.reached()

    def troubles(self) -> dict[str, str]:
        """The URLs that cannot be reached at the moment, and why."""
        return {url: breaker.trouble for url, breaker in self._breakers.items() if breaker.trouble}

    async def _attempt(self, endpoint: Endpoint, body: bytes, client: str, *, fresh: bool) -> Outcome:
        """What comes of one call. A failure is given back, for it may not be the last word."""
        breaker = self._breakers[endpoint.url]
        try:
            breaker.admit(self._loop.time())
            turn = self._turns.at_once() or await self._turns.take(client)
            try:
                request = endpoint.post(body)
                response = await self._pool.send(endpoint.origin, request, fresh=fresh, connected=breaker.reached)
            except BaseException:
                turn.give_back()
                raise
            breaker.reached()
            response.afterwards(turn.give_back)
            return response if response.status == 200 else await _refusal(response)
        except UpstreamError as error:
            breaker.failed(error, self._loop.time())
            return error


def _pause_s(attempt: int, outcome: Outcome) -> float | None:
    """How long to wait before another attempt; None: it would bring nothing better."""
    match outcome:
        case Response():
            return None
        case Refusal():
            asked_s = seconds_in(outcome.retry_after, time())
            return pause_s(attempt, random(), asked_s) if is_passing(outcome.status, outcome.body) else None
        case UpstreamError():
            return pause_s(attempt, random(), None) if outcome.http_code in PASSING else None


def _problem(outcome: Outcome) -> str:
    return f"ARGO answers with status {outcome.status}" if isinstance(outcome, Response | Refusal) else outcome.message


async def _refusal(response: Response) -> Refusal:
    body = await _beginning(response)
    retry_after = response.headers.get(b"retry-after", b"").decode("latin-1")
    return Refusal(
        response.status,
        body,
        response.headers.get(b"content-type", b"application/octet-stream"),
        None if seconds_in(retry_after, time()) is None else retry_after,
    )


async def _beginning(response: Response) -> bytes:
    """As much of the body as says what there is to say; the rest is given up, as is all when the reader leaves."""
    body = b""
    try:
        while len(body) < MAX_REFUSAL_BYTES and (piece := await response.read()):
            body += piece
    finally:
        response.close()
    return body[:MAX_REFUSAL_BYTES]
