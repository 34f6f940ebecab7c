"""One of several processes that serve side by side. It takes its orders from the supervisor, and ends with it."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import NamedTuple

from argo_proxy.canonical.errors import ProxyError, StateError
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
    ToSupervisor,
)
from argo_proxy.serving import Serving, open_configured_store, run_in_loop
from argo_proxy.settings import Settings
from argo_proxy.state import ResponseStore
from argo_proxy.telemetry.request_log import LOGGER, SHARED, set_up_logging
from argo_proxy.web.bulletin import Bulletin, RunKey


class Post(NamedTuple):
    """What a worker begins with. `since_s`: when the program began; `tells`: what all find out, this one tells."""

    settings: Settings
    address: str
    since_s: int
    tells: bool


def work(post: Post, listener: socket.socket, line: ToSupervisor) -> None:
    """The whole life of the process. Exit code 1 when the store cannot be had."""
    _leave_signals_to_the_supervisor()
    _set_up_logging(post.settings, tells=post.tells)
    try:
        store = open_configured_store(post.settings)
    except StateError as error:
        logging.getLogger(LOGGER).error("%s", error)
        sys.exit(1)
    run_in_loop(_serve(post, listener, store, line))


async def _serve(post: Post, listener: socket.socket, store: ResponseStore, line: ToSupervisor) -> None:
    serving = Serving(post.settings, listener, store, Board(line), post.since_s)
    worker = Worker(serving, post, line)
    threading.Thread(target=worker.listen, args=(asyncio.get_running_loop(),), daemon=True).start()
    await serving.run(lambda: _say(line, Ready(worker.summary())))


class Board(Bulletin):
    """Sends what concerns the others to the supervisor, who passes it on."""

    def __init__(self, line: ToSupervisor) -> None:
        self._line = line

    def began(self, run: RunKey) -> None:
        _say(self._line, Began(run))

    def ended(self, run: RunKey) -> None:
        _say(self._line, Ended(run))

    def unwanted(self, run: RunKey) -> None:
        _say(self._line, Drop(run))

    def refreshed(self) -> None:
        _say(self._line, Refresh())


class Worker:
    """Does what it is told."""

    def __init__(self, serving: Serving, post: Post, line: ToSupervisor) -> None:
        self._serving = serving
        self._post = post
        self._line = line
        self._stops = 0
        self._doing: set[asyncio.Future[None]] = set()

    def summary(self) -> tuple[str, ...]:
        """What is served now."""
        return self._serving.service.summary(self._post.address)

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear the supervisor out, in a thread. When it is gone, so is the reason to serve."""
        with suppress(RuntimeError):  # the loop has ended before the supervisor
            with suppress(EOFError, OSError):
                while True:
                    loop.call_soon_threadsafe(self._heed, self._line.recv())
            loop.call_soon_threadsafe(self._heed, Stop())

    def _heed(self, order: Order) -> None:
        match order:
            case Stop(now):
                self._stop(2 if now else 1)
            case Adopt(settings):
                _set_up_logging(settings, tells=self._post.tells)
                self._serving.adopt(settings, lambda: _say(self._line, Adopted(self.summary())))
            case _:
                doing = asyncio.ensure_future(self._do(order))
                self._doing.add(doing)
                doing.add_done_callback(self._doing.discard)

    async def _do(self, order: Drop | Interrupted | Refresh) -> None:
        try:
            match order:
                case Drop(run):
                    await self._serving.background.drop(run)
                case Interrupted(runs):
                    for owner, response_id in runs:
                        await self._serving.memory.interrupt(response_id, owner)
                    _say(self._line, Noted(runs))
                case Refresh():
                    await self._serving.service.refresh()
        except ProxyError as error:
            logging.getLogger(LOGGER).warning("%s", error.message)

    def _stop(self, urgency: int) -> None:
        """1: when all answers are finished; 2: now."""
        while self._stops < urgency:
            self._stops += 1
            self._serving.server.stop()


def _say(line: ToSupervisor, news: News) -> None:
    with suppress(OSError):  # the supervisor is gone, and so will this process be
        line.send(news)


def _set_up_logging(settings: Settings, *, tells: bool) -> None:
    set_up_logging(verbose=settings.verbose, log_format=settings.log_format)
    logging.getLogger(SHARED).setLevel(logging.NOTSET if tells else logging.CRITICAL)


def _leave_signals_to_the_supervisor() -> None:
    """Terminals and service managers send them to every process of the group. They were held back until here."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
