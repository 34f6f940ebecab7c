"""The composition root: from settings to a running server. Parameters carry everything; nothing is global."""

from __future__ import annotations

import gc
import logging
import socket
import sys
from types import FrameType

import uvicorn

from argo_proxy import __version__
from argo_proxy.canonical.spokes import Dialect
from argo_proxy.catalog.catalog import built_in
from argo_proxy.catalog.facts import Facts, load_facts
from argo_proxy.dialects import DIALECTS
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.gateway.images import ImageFetcher
from argo_proxy.gateway.pool import Pool
from argo_proxy.listener import ListenError, address_of, listen
from argo_proxy.model_list import ModelList
from argo_proxy.relay import Relay
from argo_proxy.settings import Settings
from argo_proxy.telemetry.request_log import LOGGER, RequestLog, set_up_logging
from argo_proxy.updates import Updates
from argo_proxy.web.access import Access, Origins
from argo_proxy.web.asgi import WebApp
from argo_proxy.web.exchange import Exchange
from argo_proxy.web.service_pages import Readiness, ServicePages

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
    _Server(Service(settings, listener), settings.drain_s).run(sockets=[listener])
    return 0


class Service:
    """Everything that runs, wired together. `web` is its ASGI application."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        facts = load_facts()
        self._settings = settings
        self._listener = listener
        self._pool = _pool(settings)
        self._relay = _relay(settings, facts, self._pool)
        self._models = ModelList(
            self._relay, self._pool, facts, url=settings.argo_model_url, refresh_h=settings.model_refresh_h
        )
        self._updates = Updates(self._pool, settings.update_url)
        self._log = RequestLog(sys.stderr, verbose=settings.verbose, as_json=settings.log_format == "json")
        self._origin = Endpoint(settings.argo_url).origin
        self.readiness = Readiness(self._reach)
        self.web = self._web_app()

    async def start(self) -> None:
        """Read the list of models, within a moment, and say what is served where."""
        await self._models.start()
        self.readiness.started = True
        for line in self._summary():
            logging.getLogger(LOGGER).info("%s", line)

    def stop(self) -> None:
        """End what goes on in the background."""
        self._models.stop()
        self._updates.stop()
        self._pool.close()
        self._log.flush()

    async def _reach(self) -> None:
        await self._pool.reach(self._origin)

    def _web_app(self) -> WebApp:
        settings = self._settings
        access = Access(
            user=settings.user, api_keys=settings.api_keys, username_passthrough=settings.username_passthrough
        )
        return WebApp(
            exchanges={path: self._exchange(dialect, access) for path, dialect in DIALECTS.items()},
            pages=ServicePages(self._relay, self._models, self._updates, self.readiness),
            access=access,
            origins=Origins(settings.cors_origins),
            log=self._log,
        )

    def _exchange(self, dialect: Dialect, access: Access) -> Exchange:
        max_body_bytes = self._settings.max_body_mb * 2**20
        return Exchange(
            dialect, self._relay, access, keep_alive_s=self._settings.keep_alive_s, max_body_bytes=max_body_bytes
        )

    def _summary(self) -> tuple[str, ...]:
        """What somebody who has just started it wants to know."""
        address = address_of(self._listener, self._settings.host)
        streaming = "real streaming" if self._settings.real_stream else "pseudo streaming"
        source = "listed by ARGO" if self._models.from_gateway else "from the built-in table"
        return (
            f"argo-proxy {__version__} serves {address}/v1 as user {self._settings.user}, {streaming}",
            f"{len(self._relay.catalog.cards)} models {source}; Ctrl-C stops",
        )


class _Server(uvicorn.Server):
    """uvicorn, but a signal is an order to stop, not an accident: the first drains, the second ends it now."""

    def __init__(self, service: Service, drain_s: float) -> None:
        config = uvicorn.Config(
            service.web,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=max(1, round(drain_s)),
        )
        super().__init__(config)
        self._service = service

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self._service.start()
        await super().startup(sockets)
        gc.freeze()  # what is there now stays: the collector need not look at it again and again
        gc.set_threshold(_GC_ALLOCATIONS, 20, 20)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self._service.stop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 (uvicorn's signature)
        self._service.readiness.draining = True
        self.force_exit = self.should_exit
        self.should_exit = True


def _pool(settings: Settings) -> Pool:
    return Pool(
        connect_timeout_s=settings.connect_timeout_s,
        idle_timeout_s=settings.upstream_idle_timeout_s,
        resolve_overrides=settings.resolve_overrides,
        ca_file=settings.ca_file,
    )


def _relay(settings: Settings, facts: Facts, pool: Pool) -> Relay:
    return Relay(
        catalog=built_in(facts),
        pool=pool,
        images=ImageFetcher(allow_private=settings.allow_private_images, ca_file=settings.ca_file),
        chat_url=settings.argo_url,
        stream_url=settings.argo_stream_url,
        default_model=settings.default_chat_model,
        real_stream=settings.real_stream,
    )
