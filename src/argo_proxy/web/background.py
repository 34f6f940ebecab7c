"""Responses that are made while their clients do something else, to be asked for, followed or cancelled later."""

from __future__ import annotations

import asyncio
import logging

from argo_proxy.canonical.errors import ProxyError, RateLimited, StateError
from argo_proxy.relay import Prepared, Relay, Waiting
from argo_proxy.telemetry.request_log import LOGGER
from argo_proxy.web.bulletin import Bulletin, RunKey
from argo_proxy.web.deadline import time_limit
from argo_proxy.web.faults import fault
from argo_proxy.web.memory import Memory
from argo_proxy.web.run import Run
from argo_proxy.web.stopping import stopped

MAX_RUNNING = 256
MAX_FINISHED_BYTES = 8 * 2**20
"""How much of finished runs can still be followed."""


class Background:
    """All runs of this process, by owner and id of the response. The program as a whole began at `since_s`."""

    def __init__(self, memory: Memory, bulletin: Bulletin, since_s: int) -> None:
        self.since_s = since_s
        self._memory = memory
        self._bulletin = bulletin
        self._running: dict[RunKey, tuple[Run, asyncio.Future[None]]] = {}
        self._ending: set[Run] = set()
        self._finished: dict[RunKey, Run] = {}
        self._finished_bytes = 0

    @property
    def busy(self) -> bool:
        """Whether anything is running."""
        return bool(self._running)

    async def start(self, relay: Relay, prepared: Prepared, owner: str, reply_id: str) -> Run:
        """Begin to make the response. Raises RateLimited when too many are being made, StateError."""
        if len(self._running) >= MAX_RUNNING:
            message = f"{MAX_RUNNING} responses are being made in the background already; try again later"
            raise RateLimited(message, retry_after="10")
        run = Run(prepared, owner, reply_id)
        await self._keep(run)
        key = owner, run.response.id
        self._running[key] = run, asyncio.ensure_future(self._play(relay, run))
        self._bulletin.began(key)
        return run

    def find(self, response_id: str, owner: str) -> Run | None:
        """The run, while it lasts and a while after."""
        running = self._running.get((owner, response_id))
        return running[0] if running else self._finished.get((owner, response_id))

    async def cancel(self, response_id: str, owner: str) -> None:
        """End the run, if it is still running; returns when it has ended. One elsewhere ends in a moment."""
        running = self._running.get((owner, response_id))
        if running is None:
            self._bulletin.unwanted((owner, response_id))
            return
        run, playing = running
        run.unwanted = True
        self._break_off(run, playing)
        await asyncio.wait([playing])

    async def drop(self, run: RunKey) -> None:
        """End the run, if it is one of this process: another has heard that it is not wanted."""
        if run in self._running:
            owner, response_id = run
            await self.cancel(response_id, owner)

    def forget(self, response_id: str, owner: str) -> None:
        """Let nobody follow it any more."""
        self._forget_finished((owner, response_id))

    async def rest(self) -> None:
        """Returns when all that is running now has ended."""
        if self._running:
            await asyncio.wait([playing for _, playing in self._running.values()])

    async def stop(self) -> None:
        """End all runs, which what is kept of them says."""
        running = list(self._running.values())
        for run, playing in running:
            self._break_off(run, playing)
        if running:
            await asyncio.wait([playing for _, playing in running])

    def _break_off(self, run: Run, playing: asyncio.Future[None]) -> None:
        """End it once, and not while what there is of it is being kept."""
        if run not in self._ending:
            self._ending.add(run)
            playing.cancel()

    async def _play(self, relay: Relay, run: Run) -> None:
        try:
            await self._relayed(relay, run)
        except ProxyError as error:
            run.fail(error)
        except asyncio.CancelledError:
            if run.unwanted:
                run.cancel()
            else:
                run.fail(stopped())
        except Exception as error:  # noqa: BLE001 (an edge, too: whoever asks for the response has to learn of its end)
            run.fail(fault(error))
        await self._end(run)

    async def _relayed(self, relay: Relay, run: Run) -> None:
        async with time_limit(run.prepared.request.timeout_s):
            with await relay.open(run.prepared, Waiting()) as answer:
                while not answer.ended:
                    await answer.more(run.hear)
        run.conclude()

    async def _end(self, run: Run) -> None:
        """Keep what there is of it, and only then tell that it is whole."""
        self._ending.add(run)
        try:
            if await self._memory.expects(run.response.id, run.owner):
                await self._keep(run)
        except StateError as error:
            logging.getLogger(LOGGER).error("%s is lost: %s", run.response.id, error.message)
            run.fail(error)
        run.end()
        key = run.owner, run.response.id
        del self._running[key]
        self._bulletin.ended(key)
        self._ending.discard(run)
        self._finished[key] = run
        self._finished_bytes += run.size
        while self._finished_bytes > MAX_FINISHED_BYTES:
            self._forget_finished(next(iter(self._finished)))

    def _forget_finished(self, key: RunKey) -> None:
        run = self._finished.pop(key, None)
        if run is not None:
            self._finished_bytes -= run.size

    async def _keep(self, run: Run) -> None:
        await self._memory.keep(run.prepared, run.owner, run.reply_id, run.response)
