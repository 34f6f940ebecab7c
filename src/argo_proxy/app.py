"""The composition root: from settings to a running server. Parameters carry everything; nothing is global."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import Coroutine, Mapping
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
from argo_proxy.telemetry.request_log import LOGGER, RequestLog, set_up_logging
from argo_proxy.tokens import Tokenizers
from argo_proxy.updates import Updates
from argo_proxy.web.access import Access, Origins
from argo_proxy.web.embeddings import EmbeddingsExchange
from argo_proxy.web.exchange import Exchange
from argo_proxy.web.passthrough import Call, Passthrough
from argo_proxy.web.server import Server
from argo_proxy.web.service_pages import Readiness, ServicePages
from argo_proxy.web.site import Answering, Site

_GC_ALLOCATIONS = 20_000
"""Between two collections. Requests make no cycles to speak of; Python's own 700 costs a tenth of the CPU time."""


def run(settings: Settings) -> int:
    """Serve until told to stop. The exit code: 0, or 1 when the address cannot be had."""
    set_up_logging(verbose=settings.verbose, log_format=settings.log_format)
    try:
        listener = listen(settings.host, settings.port, settings.socket)
    except ListenError as error:
        logging.getLogger(LOGGER).error("%s", error)
        return 1
    _run_in_loop(_serve(settings, listener))
    if settings.socket is not None:
        Path(settings.socket).expanduser().unlink(missing_ok=True)
    return 0


async def _serve(settings: Settings, listener: socket.socket) -> None:
    service = Service(settings, listener)
    server = Server(service.site, listener, drain_s=settings.drain_s, stopping=service.begin_to_stop)
    server.heed_signals()
    await service.start()
    gc.freeze()  # what is there now stays: the collector need not look at it again and again
    gc.set_threshold(_GC_ALLOCATIONS, 20, 20)
    try:
        await server.run()
    finally:
        service.stop()


def _run_in_loop(main: Coroutine[object, object, None]) -> None:
    try:
        import uvloop
    except ImportError:  # Windows has none
        asyncio.run(main)
    else:
        uvloop.run(main)


class Service:
    """Everything that runs, wired together. `site` is what clients see of it."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        facts = load_facts()
        self._settings = settings
        self._listener = listener
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

    def stop(self) -> None:
        """End what goes on in the background."""
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
        return Site(
            exchanges=self._exchanges(access),
            pages=ServicePages(self._relay, self._models, self._updates, self._readiness),
            access=access,
            origins=Origins(settings.cors_origins),
            log=self._log,
        )

    def _exchanges(self, access: Access) -> Mapping[str, Answering]:
        settings, relay, pool = self._settings, self._relay, self._pool
        body = settings.max_body_mb * 2**20
        chat = Call(Endpoint(settings.argo_url), Endpoint(settings.argo_stream_url), settings.default_chat_model)
        embed = Call(Endpoint(settings.argo_embedding_url), None, settings.default_embedding_model)
        dialects = {
            path: Exchange(dialect, relay, access, keep_alive_s=settings.keep_alive_s, max_body_bytes=body)
            for path, dialect in DIALECTS.items()
        }
        return {
            **dialects,
            "/v1/embeddings": EmbeddingsExchange(self._embedder, access, max_body_bytes=body),
            "/v1/chat": Passthrough(chat, relay, pool, access, max_body_bytes=body),
            "/v1/embed": Passthrough(embed, relay, pool, access, max_body_bytes=body),
        }

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
