"""The composition root: from settings to a running server. Parameters carry everything; nothing is global."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import Coroutine
from pathlib import Path

from argo_proxy import __version__
from argo_proxy.catalog.catalog import built_in
from argo_proxy.catalog.facts import load_facts
from argo_proxy.dialects import DIALECTS
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.gateway.images import ImageFetcher
from argo_proxy.gateway.pool import Pool
from argo_proxy.listener import ListenError, address_of, listen
from argo_proxy.model_list import ModelList
from argo_proxy.relay import Relay
from argo_proxy.relay.embedding import Embedder
from argo_proxy.settings import Settings
from argo_proxy.state import Limits, ResponseStore, StateError, open_store
from argo_proxy.telemetry.request_log import LOGGER, RequestLog, set_up_logging
from argo_proxy.tokens import Tokenizers
from argo_proxy.updates import Updates
from argo_proxy.web.access import Access, Origins
from argo_proxy.web.background import Background
from argo_proxy.web.memory import Memory
from argo_proxy.web.server import Server
from argo_proxy.web.service_pages import Readiness, ServicePages
from argo_proxy.web.site import Site
from argo_proxy.wiring import model_routes, response_routes, service_routes

_GC_ALLOCATIONS = 20_000
"""Between two collections. Requests make no cycles to speak of; Python's own 700 costs a tenth of the CPU time."""


def run(settings: Settings) -> int:
    """Serve until told to stop. The exit code: 0, or 1 when the address or the store cannot be had."""
    set_up_logging(verbose=settings.verbose, log_format=settings.log_format)
    try:
        store = open_store(settings.state_url, _limits(settings))
        listener = listen(settings.host, settings.port, settings.socket)
    except (StateError, ListenError) as error:
        logging.getLogger(LOGGER).error("%s", error)
        return 1
    _run_in_loop(_serve(settings, listener, store))
    if settings.socket is not None:
        Path(settings.socket).expanduser().unlink(missing_ok=True)
    return 0


async def _serve(settings: Settings, listener: socket.socket, store: ResponseStore) -> None:
    service = Service(settings, listener, store)
    server = Server(
        service.site, listener, drain_s=settings.drain_s, stopping=service.begin_to_stop, busy=service.is_busy
    )
    server.heed_signals()
    await service.start()
    gc.freeze()  # what is there now stays: the collector need not look at it again and again
    gc.set_threshold(_GC_ALLOCATIONS, 20, 20)
    try:
        await server.run()
    finally:
        await service.stop()


def _run_in_loop(main: Coroutine[object, object, None]) -> None:
    try:
        import uvloop
    except ImportError:  # Windows has none
        asyncio.run(main)
    else:
        uvloop.run(main)


class Service:
    """Everything that runs, wired together. `site` is what clients see of it."""

    def __init__(self, settings: Settings, listener: socket.socket, store: ResponseStore) -> None:
        facts = load_facts()
        self._settings = settings
        self._listener = listener
        self._store = store
        self._pool = _pool(settings)
        tokenizers = Tokenizers()
        images = ImageFetcher(allow_private=settings.allow_private_images, ca_file=settings.ca_file)
        self._relay = Relay(
            catalog=built_in(facts), pool=self._pool, images=images, tokenizers=tokenizers, settings=settings
        )
        self._embedder = Embedder(self._relay, self._pool, tokenizers, settings)
        self._models = ModelList(
            self._relay, self._pool, facts, url=settings.argo_model_url, refresh_h=settings.model_refresh_h
        )
        self._updates = Updates(self._pool, settings.update_url)
        self._log = RequestLog(sys.stderr, verbose=settings.verbose, as_json=settings.log_format == "json")
        self._origin = Endpoint(settings.argo_url).origin
        self._readiness = Readiness(self._reach)
        self._memory = Memory(store)
        self._background = Background(self._relay, self._memory)
        self.site = self._make_site()

    async def start(self) -> None:
        """Read the list of models, within a moment, and say what is served where."""
        await self._models.start()
        self._readiness.started = True
        for line in self._summary():
            logging.getLogger(LOGGER).info("%s", line)

    def begin_to_stop(self) -> None:
        """From now on no longer ready; what is being answered goes on."""
        self._readiness.draining = True

    def is_busy(self) -> bool:
        """Whether responses are being made that nobody waits for."""
        return self._background.busy

    async def stop(self) -> None:
        """End what goes on in the background."""
        await self._background.stop()
        self._store.close()
        self._models.stop()
        self._updates.stop()
        self._pool.close()
        self._log.flush()

    async def _reach(self) -> None:
        await self._pool.reach(self._origin)

    def _make_site(self) -> Site:
        settings = self._settings
        access = Access(
            user=settings.user, api_keys=settings.api_keys, username_passthrough=settings.username_passthrough
        )
        pages = ServicePages(self._relay, self._models, self._updates, self._readiness)
        return Site(
            {
                **service_routes(pages),
                **model_routes(settings, self._relay, self._embedder, self._pool, access),
                **response_routes(settings, self._relay, access, self._memory, self._background),
            },
            wordings={path: dialect.render_error for path, dialect in DIALECTS.items()},
            access=access,
            origins=Origins(settings.cors_origins),
            log=self._log,
        )

    def _summary(self) -> tuple[str, ...]:
        """What somebody who has just started it wants to know."""
        address = address_of(self._listener, self._settings.host)
        streaming = "real streaming" if self._settings.real_stream else "pseudo streaming"
        tools = "tools by prompt" if self._settings.tool_prompting else "native tools"
        source = "listed by ARGO" if self._models.from_gateway else "from the built-in table"
        return (
            f"argo-proxy {__version__} serves {address}/v1 as user {self._settings.user}, {streaming}, {tools}",
            f"{len(self._relay.catalog.cards)} models {source}; Ctrl-C stops",
        )


def _pool(settings: Settings) -> Pool:
    return Pool(
        connect_timeout_s=settings.connect_timeout_s,
        idle_timeout_s=settings.upstream_idle_timeout_s,
        resolve_overrides=settings.resolve_overrides,
        ca_file=settings.ca_file,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(settings.state_max_mb * 2**20, settings.state_max_age_h * 3600)
