"""The composition root: from settings to a running server. Parameters carry everything; nothing is global."""

from __future__ import annotations

import logging
import socket
from types import FrameType

import uvicorn

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
from argo_proxy.settings import Settings
from argo_proxy.telemetry.request_log import LOGGER, set_up_logging
from argo_proxy.updates import Updates
from argo_proxy.web.access import Access, Origins
from argo_proxy.web.asgi import Readiness, WebApp
from argo_proxy.web.exchange import Exchange
from argo_proxy.web.http import Receive, Scope, Send
from argo_proxy.web.lifespan import live


def run(settings: Settings) -> int:
    """Serve until told to stop. The exit code: 0, or 1 when the address cannot be had."""
    set_up_logging(verbose=settings.verbose, log_format=settings.log_format)
    try:
        listener = listen(settings.host, settings.port, settings.socket)
    except ListenError as error:
        logging.getLogger(LOGGER).error("%s", error)
        return 1
    service = Service(settings, listener)
    _Server(service, settings.drain_s).run(sockets=[listener])
    return 0


class Service:
    """Everything that runs, wired together. An ASGI application."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        facts = load_facts()
        self.readiness = Readiness(self._reach)
        self._settings = settings
        self._listener = listener
        self._pool = _pool(settings)
        self._relay = Relay(
            catalog=built_in(facts),
            pool=self._pool,
            images=ImageFetcher(allow_private=settings.allow_private_images, ca_file=settings.ca_file),
            chat_url=settings.argo_url,
            stream_url=settings.argo_stream_url,
            default_model=settings.default_chat_model,
            real_stream=settings.real_stream,
        )
        self._models = ModelList(
            self._relay, self._pool, facts, url=settings.argo_model_url, refresh_h=settings.model_refresh_h
        )
        self._updates = Updates(self._pool, settings.update_url)
        self._origin = Endpoint(settings.argo_url).origin
        self._web = self._web_app()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send, self._start, self._stop)
        else:
            await self._web(scope, receive, send)

    async def _start(self) -> None:
        await self._models.start()
        self.readiness.started = True
        for line in _summary(self._settings, self._listener, self._relay, from_gateway=self._models.from_gateway):
            logging.getLogger(LOGGER).info("%s", line)

    def _stop(self) -> None:
        self._models.stop()
        self._updates.stop()
        self._pool.close()

    async def _reach(self) -> None:
        await self._pool.reach(self._origin)

    def _web_app(self) -> WebApp:
        settings = self._settings
        return WebApp(
            exchanges={path: self._exchange(path) for path in DIALECTS},
            relay=self._relay,
            models=self._models,
            updates=self._updates,
            access=Access(
                user=settings.user,
                api_keys=settings.api_keys,
                username_passthrough=settings.username_passthrough,
            ),
            origins=Origins(settings.cors_origins),
            readiness=self.readiness,
        )

    def _exchange(self, path: str) -> Exchange:
        return Exchange(
            DIALECTS[path],
            self._relay,
            keep_alive_s=self._settings.keep_alive_s,
            max_body_bytes=self._settings.max_body_mb * 2**20,
        )


class _Server(uvicorn.Server):
    """uvicorn, but a signal is an order to stop, not an accident: the first drains, the second ends it now."""

    def __init__(self, service: Service, drain_s: float) -> None:
        config = uvicorn.Config(
            service,
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=max(1, round(drain_s)),
        )
        super().__init__(config)
        self._service = service

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


def _summary(settings: Settings, listener: socket.socket, relay: Relay, *, from_gateway: bool) -> tuple[str, ...]:
    """What somebody who has just started it wants to know."""
    address = address_of(listener, settings.host)
    streaming = "real streaming" if settings.real_stream else "pseudo streaming"
    source = "listed by ARGO" if from_gateway else "from the built-in table"
    return (
        f"argo-proxy {__version__} serves {address}/v1 as user {settings.user}, {streaming}",
        f"{len(relay.catalog.cards)} models {source}; Ctrl-C stops",
    )
