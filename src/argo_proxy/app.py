"""The composition root: from settings to a running server, which may get other settings while it runs."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from collections.abc import Coroutine
from pathlib import Path

from argo_proxy.hang_up import heed_hang_up
from argo_proxy.listener import ListenError, address_of, listen
from argo_proxy.service import Service
from argo_proxy.settings import Settings
from argo_proxy.state import Limits, ResponseStore, StateError, open_store
from argo_proxy.succession import Reread, Succession
from argo_proxy.telemetry.request_log import LOGGER, set_up_logging
from argo_proxy.web.background import Background
from argo_proxy.web.front import Front
from argo_proxy.web.memory import Memory
from argo_proxy.web.server import Server

_GC_ALLOCATIONS = 20_000
"""Between two collections. Requests make no cycles to speak of; Python's own 700 costs a tenth of the CPU time."""


def run(settings: Settings, reread: Reread) -> int:
    """Serve until told to stop. The exit code: 0, or 1 when the address or the store cannot be had."""
    set_up_logging(verbose=settings.verbose, log_format=settings.log_format)
    try:
        store = open_store(settings.state_url, _limits(settings))
        listener = listen(settings.host, settings.port, settings.socket)
    except (StateError, ListenError) as error:
        logging.getLogger(LOGGER).error("%s", error)
        return 1
    _run_in_loop(_serve(settings, listener, store, reread))
    if settings.socket is not None:
        Path(settings.socket).expanduser().unlink(missing_ok=True)
    return 0


async def _serve(settings: Settings, listener: socket.socket, store: ResponseStore, reread: Reread) -> None:
    memory = Memory(store)
    background = Background(memory)
    address = address_of(listener, settings.host)
    service = Service(settings, address, memory, background)
    front = Front(service.site)
    succession = Succession(
        settings, service, front, background, lambda changed: Service(changed, address, memory, background), reread
    )
    server = Server(
        front,
        listener,
        drain_s=settings.drain_s,
        stopping=succession.begin_to_stop,
        busy=lambda: background.busy,
    )
    server.heed_signals()
    heed_hang_up(succession.reload, server.stop)
    await service.start()
    gc.freeze()  # what is there now stays: the collector need not look at it again and again
    gc.set_threshold(_GC_ALLOCATIONS, 20, 20)
    try:
        await server.run()
    finally:
        await background.stop()
        store.close()
        await succession.stop()


def _run_in_loop(main: Coroutine[object, object, None]) -> None:
    try:
        import uvloop
    except ImportError:  # Windows has none
        asyncio.run(main)
    else:
        uvloop.run(main)


def _limits(settings: Settings) -> Limits:
    return Limits(settings.state_max_mb * 2**20, settings.state_max_age_h * 3600)
