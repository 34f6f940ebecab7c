"""Several processes that serve side by side: starts them, replaces one that dies, tells all to change and to stop.

                   ┌── worker ◄── its share of the connections
signals ──► supervisor ── worker
                   └── worker
"""

from __future__ import annotations

import asyncio
import logging
import math
import multiprocessing
import signal
import socket
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.process import BaseProcess
from time import time

from argo_proxy.orders import (
    Adopt,
    Adopted,
    Began,
    Drop,
    Ended,
    Interrupted,
    News,
    Noted,
    Order,
    Ready,
    Refresh,
    Stop,
    ToWorker,
)
from argo_proxy.rereading import Rereading
from argo_proxy.settings import Settings
from argo_proxy.signals import heed_hang_up, heed_stop
from argo_proxy.telemetry.request_log import LOGGER
from argo_proxy.web.bulletin import RunKey
from argo_proxy.worker import Post, work

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 10.0
"""Before a worker is replaced whose predecessors died before they served."""
_GRACE_S = 5.0
"""Beyond the time that answers have to finish; who has not ended by then never will."""
_SPAWN = multiprocessing.get_context("spawn")


def supervise(rereading: Rereading, listeners: Sequence[socket.socket], address: str) -> int:
    """Serve until told to stop. The exit code: 0, or 1 when the workers cannot even start."""
    return asyncio.run(Supervisor(rereading, listeners, address).run())


class Member:
    """One process, as the supervisor knows it; `runs` are the responses that it makes in the background."""

    def __init__(self, place: int, process: BaseProcess, line: ToWorker) -> None:
        self.place = place
        self.process = process
        self.line = line
        self.ready = False
        self.runs: set[RunKey] = set()

    def tell(self, order: Order) -> None:
        with suppress(OSError):  # it has just died, which is heard of in another way
            self.line.send(order)


class Supervisor:
    """Of as many workers as there are listeners."""

    def __init__(self, rereading: Rereading, listeners: Sequence[socket.socket], address: str) -> None:
        self._rereading = rereading
        self._listeners = listeners
        self._address = address
        self._since_s = int(time())
        self._loop: asyncio.AbstractEventLoop
        self._workers: dict[int, Member] = {}
        """By their place, which is that of their listener."""
        self._deaths = [0] * len(listeners)
        """By place: how many in a row have died before they served."""
        self._adopting: set[Member] = set()
        """Those that have not yet adopted the newest settings."""
        self._interrupted: set[RunKey] = set()
        """Responses whose makers are no more."""
        self._stops = 0
        self._served = False
        self._failed = False
        self._over = asyncio.Event()
        self._log = logging.getLogger(LOGGER)

    async def run(self) -> int:
        """Returns when the last worker has ended."""
        self._loop = asyncio.get_running_loop()
        heed_stop(self._stop)
        heed_hang_up(self._reload, self._stop)
        for place in range(len(self._listeners)):
            self._start(place)
        await self._over.wait()
        return 1 if self._failed else 0

    # Workers.

    def _start(self, place: int) -> None:
        if self._stops:
            return
        ours, theirs = _SPAWN.Pipe()
        post = Post(_share(self._rereading.settings), self._address, self._since_s, tells=place == 0)
        process = _SPAWN.Process(target=work, args=(post, self._listeners[place], theirs), name=f"worker {place}")
        with _signals_held_back():
            process.start()
        theirs.close()
        worker = self._workers[place] = Member(place, process, ours)
        threading.Thread(target=self._listen, args=(worker,), daemon=True).start()

    def _listen(self, worker: Member) -> None:
        """Hear the worker out until it has ended, in a thread of its own."""
        with suppress(EOFError, OSError):
            while True:
                self._loop.call_soon_threadsafe(self._heed, worker, worker.line.recv())
        worker.process.join()
        self._loop.call_soon_threadsafe(self._bury, worker)

    def _heed(self, worker: Member, news: News) -> None:
        match news:
            case Ready(summary):
                self._note_ready(worker, summary)
            case Adopted(summary):
                self._note_adopted(worker, summary)
            case Began(run):
                worker.runs.add(run)
            case Ended(run):
                worker.runs.discard(run)
            case Noted(runs):
                self._interrupted.difference_update(runs)
            case Drop() | Refresh():
                self._tell_all(news, but=worker)

    def _note_ready(self, worker: Member, summary: tuple[str, ...]) -> None:
        worker.ready = True
        self._deaths[worker.place] = 0
        self._tell_of_interrupted()
        if not self._served and all(other.ready for other in self._workers.values()):
            self._served = True
            for line in summary:
                self._log.info("%s", line)

    def _note_adopted(self, worker: Member, summary: tuple[str, ...]) -> None:
        """Told when the last has adopted the new settings."""
        self._adopting.discard(worker)
        if not self._adopting:
            self._rereading.tell_adopted(summary)

    def _bury(self, worker: Member) -> None:
        """The process has ended."""
        del self._workers[worker.place]
        self._adopting.discard(worker)
        self._interrupted |= worker.runs
        self._tell_of_interrupted()
        if not (self._served or self._stops):
            self._failed = True  # what keeps one from starting keeps all
            self._stop()
        if not self._stops:
            self._replace(worker)
        elif not self._workers:
            self._over.set()

    def _replace(self, worker: Member) -> None:
        self._log.warning("%s, and another takes its place", _obituary(worker.process))
        pause_s = 0.0
        if not worker.ready:
            self._deaths[worker.place] += 1
            pause_s = min(_FIRST_PAUSE_S * 2 ** self._deaths[worker.place], _LONGEST_PAUSE_S)
        self._loop.call_later(pause_s, self._start, worker.place)

    def _tell_of_interrupted(self) -> None:
        """Any worker can keep what has become of the responses that nobody makes any more."""
        ready = [worker for worker in self._workers.values() if worker.ready]
        if ready and self._interrupted:
            ready[0].tell(Interrupted(tuple(self._interrupted)))

    def _tell_all(self, order: Order, but: Member | None = None) -> None:
        for worker in self._workers.values():
            if worker is not but:
                worker.tell(order)

    # Orders of the user.

    def _reload(self) -> None:
        if changed := self._rereading.changed():
            self._adopting = {*self._workers.values()}
            self._tell_all(Adopt(_share(changed)))

    def _stop(self) -> None:
        """The first time answers may finish, the second time they may not."""
        self._stops += 1
        for listener in self._listeners:
            listener.close()  # the workers' own remain
        self._tell_all(Stop(now=self._stops > 1))
        patience_s = 0.0 if self._stops > 1 else self._rereading.settings.drain_s
        self._loop.call_later(patience_s + _GRACE_S, self._kill)
        if not self._workers:
            self._over.set()

    def _kill(self) -> None:
        for worker in self._workers.values():
            worker.process.kill()


def _share(settings: Settings) -> Settings:
    """The settings of one worker: of the calls to ARGO that all may make, its part."""
    return replace(settings, max_concurrency=math.ceil(settings.max_concurrency / settings.workers))


def _obituary(process: BaseProcess) -> str:
    code = process.exitcode or 0
    end = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"has ended with {code}"
    return f"{process.name} (process {process.pid}) {end}"


@contextmanager
def _signals_held_back() -> Generator[None]:
    """A process that is started meanwhile gets none before it says that it is ready for them."""
    if sys.platform == "win32":
        yield
        return
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
