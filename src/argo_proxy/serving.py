"""One process that serves: everything in it, from the socket to the store, and how it is told to change and to stop."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
from collections.abc import Callable, Coroutine

from argo_proxy.service import Service
from argo_proxy.settings import Settings
from argo_proxy.state import Limits, ResponseStore, open_store
from argo_proxy.succession import Succession
from argo_proxy.telemetry.faults import loose_end
from argo_proxy.tokens import Tokenizers
from argo_proxy.web.background import Background
from argo_proxy.web.bulletin import Bulletin
from argo_proxy.web.front import Front
from argo_proxy.web.memory import Memory
from argo_proxy.web.server import Server

_GC_ALLOCATIONS = 20_000
"""Between two collections. Requests make no cycles to speak of; Python's own 700 costs a tenth of the CPU time."""

_SWITCH_S = 0.0005
"""How long a thread with a large request may hold up the event loop at a time; Python's own is ten times that."""


class Serving:
    """Is made in the event loop that it runs in, and closes the store at its end."""

    def __init__(
        self, settings: Settings, listener: socket.socket, store: ResponseStore, bulletin: Bulletin, since_s: int
    ) -> None:
        """`since_s`: when the program began, of which this may be one process of several."""
        self.memory = Memory(store)
        self.background = Background(self.memory, bulletin, since_s)
        self._store = store
        tokenizers = Tokenizers()

        def make(settings: Settings) -> Service:
            return Service(settings, tokenizers, self.memory, self.background, bulletin)

        service = make(settings)
        front = Front(service.site)
        self._succession = Succession(service, front, self.background, make)
        self.server = Server(
            front,
            listener,
            drain_s=settings.drain_s,
            busy=lambda: self.background.busy,
        )

    @property
    def service(self) -> Service:
        """That of now."""
        return self._succession.service

    def adopt(self, settings: Settings, adopted: Callable[[], None]) -> None:
        """Serve with these settings from now on; `adopted` is called when that is so."""
        self._succession.adopt(settings, adopted)

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve until the server is told to stop; `ready` is called at the beginning."""
        asyncio.get_running_loop().set_exception_handler(loose_end)
        await self.service.start()
        ready()
        gc.freeze()  # what is there now stays: the collector need not look at it again and again
        gc.set_threshold(_GC_ALLOCATIONS, 20, 20)
        sys.setswitchinterval(_SWITCH_S)
        try:
            await self.server.run()
        finally:
            await self.background.stop()
            self._store.close()
            await self._succession.stop()


def open_configured_store(settings: Settings) -> ResponseStore:
    """Raises StateError."""
    return open_store(settings.state_url, Limits(settings.state_max_mb * 2**20, settings.state_max_age_h * 3600))


def run_in_loop(main: Coroutine[object, object, None]) -> None:
    """To its end, in the fastest event loop that there is."""
    try:
        import uvloop
    except ImportError:  # Windows has none
        asyncio.run(main)
    else:
        uvloop.run(main)
