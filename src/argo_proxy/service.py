"""From settings to a site, with all that it needs. Parameters carry everything; nothing is global."""

from __future__ import annotations

import sys

from argo_proxy import __version__
from argo_proxy.catalog.catalog import built_in
from argo_proxy.catalog.facts import load_facts
from argo_proxy.dialects import DIALECTS
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.gateway.images import ImageFetcher
from argo_proxy.gateway.pool import Pool
from argo_proxy.gateway.trust import Trust
from argo_proxy.model_list import ModelList
from argo_proxy.relay import Calls, Relay
from argo_proxy.relay.embedding import Embedder
from argo_proxy.settings import Settings
from argo_proxy.telemetry.request_log import RequestLog
from argo_proxy.tokens import Tokenizers
from argo_proxy.updates import Updates
from argo_proxy.web.access import Access, Origins
from argo_proxy.web.background import Background
from argo_proxy.web.bulletin import Bulletin
from argo_proxy.web.memory import Memory
from argo_proxy.web.service_pages import Readiness, ServicePages
from argo_proxy.web.site import Site
from argo_proxy.wiring import description_routes, model_routes, response_routes, service_routes


class Service:
    """Everything that runs with these settings, wired together. `site` is what clients see of it."""

    def __init__(
        self,
        settings: Settings,
        tokenizers: Tokenizers,
        memory: Memory,
        background: Background,
        bulletin: Bulletin,
    ) -> None:
        """The tokenizers, what is remembered, runs in the background, and is put up for others outlives it."""
        facts = load_facts()
        self._settings = settings
        self._memory = memory
        self._background = background
        self._bulletin = bulletin
        self._pool = _pool(settings)
        images = ImageFetcher(allow_private=settings.allow_private_images, ca_file=settings.ca_file)
        self._calls = Calls(self._pool, retries=settings.retries, max_concurrency=settings.max_concurrency)
        self._relay = Relay(
            catalog=built_in(facts), calls=self._calls, images=images, tokenizers=tokenizers, settings=settings
        )
        self._embedder = Embedder(self._relay, self._calls, tokenizers, settings)
        self._models = ModelList(
            self._relay, self._pool, facts, url=settings.argo_model_url, refresh_h=settings.model_refresh_h
        )
        self._updates = Updates(self._pool, settings.update_url)
        self._log = _request_log(settings)
        self._readiness = Readiness(self._calls, Endpoint(settings.argo_url), Endpoint(settings.argo_stream_url))
        self.site = self._make_site()

    async def start(self) -> None:
        """Read the list of models, within a moment."""
        await self._models.start()
        self._readiness.started = True

    def stop(self) -> None:
        """Let go of everything that is its own."""
        self._models.stop()
        self._updates.stop()
        self._pool.close()
        self._log.flush()

    def _make_site(self) -> Site:
        settings = self._settings
        access = Access(
            user=settings.user, api_keys=settings.api_keys, username_passthrough=settings.username_passthrough
        )
        pages = ServicePages(self._relay, self._models, self._updates, self._readiness, self._bulletin)
        return Site(
            {
                **service_routes(pages),
                **description_routes(settings),
                **model_routes(settings, self._relay, self._embedder, self._calls, access),
                **response_routes(settings, self._relay, access, self._memory, self._background),
            },
            wordings={path: dialect.render_error for path, dialect in DIALECTS.items()},
            access=access,
            origins=Origins(settings.cors_origins),
            log=self._log,
        )

    async def refresh(self) -> None:
        """Read the list of models anew. Raises ProxyError."""
        await self._models.reload()

    def summary(self, address: str) -> tuple[str, ...]:
        """What somebody who has just started it wants to know; clients find it at `address`."""
        streaming = "real streaming" if self._settings.real_stream else "pseudo streaming"
        tools = "tools by prompt" if self._settings.tool_prompting else "native tools"
        source = "listed by ARGO" if self._models.from_gateway else "from the built-in table"
        processes = f"{self._settings.workers} processes; " if self._settings.workers > 1 else ""
        return (
            f"argo-proxy {__version__} serves {address}/v1 as user {self._settings.user}",
            f"{streaming}, {tools}, {len(self._relay.catalog.cards)} models {source}; {processes}Ctrl-C stops",
        )


def _request_log(settings: Settings) -> RequestLog:
    as_json = settings.log_format == "json"
    return RequestLog(
        sys.stderr,
        verbose=settings.verbose,
        as_json=as_json,
        with_bodies=settings.log_bodies,
        keys=[key.plain for key in settings.api_keys if key.plain],
    )


def _pool(settings: Settings) -> Pool:
    return Pool(
        connect_timeout_s=settings.connect_timeout_s,
        idle_timeout_s=settings.upstream_idle_timeout_s,
        resolve_overrides=settings.resolve_overrides,
        trust=Trust(settings.ca_file),
    )
