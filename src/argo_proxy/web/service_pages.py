"""The endpoints that are about the proxy and its models, not about an answer of a model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from argo_proxy.canonical.errors import ProxyError, Unavailable
from argo_proxy.model_list import ModelList
from argo_proxy.relay import Relay
from argo_proxy.updates import Updates
from argo_proxy.web.http import Http
from argo_proxy.web.models import render_list, render_model
from argo_proxy.web.pages import HTML, landing_page


class Readiness:
    """Whether the proxy can serve. `draining` is set when it has been asked to stop."""

    def __init__(self, reach: Callable[[], Awaitable[None]]) -> None:
        self.started = False
        self.draining = False
        self._reach = reach

    async def check(self) -> None:
        """Raises Unavailable that says why it cannot."""
        if self.draining:
            raise Unavailable("argo-proxy is stopping", code="draining")
        if not self.started:
            raise Unavailable("argo-proxy is starting", code="starting")
        try:
            await self._reach()
        except ProxyError as error:
            raise Unavailable(f"ARGO is out of reach: {error.message}", code="gateway_unreachable") from error


class ServicePages:
    """One handler for each."""

    def __init__(self, relay: Relay, models: ModelList, updates: Updates, readiness: Readiness) -> None:
        self._relay = relay
        self._models = models
        self._updates = updates
        self._readiness = readiness

    async def list_models(self, http: Http) -> None:
        http.respond(200, render_list(self._relay.catalog, self._models.read_s))

    async def show_model(self, http: Http) -> None:
        http.respond(200, render_model(self._relay.catalog, http.target, self._models.read_s))

    async def refresh(self, http: Http) -> None:
        await self._models.reload()
        http.respond(200, msgspec.json.encode({"models": len(self._relay.catalog.cards)}))

    async def health(self, http: Http) -> None:
        http.respond(200, b'{"status":"healthy"}')

    async def ready(self, http: Http) -> None:
        await self._readiness.check()
        http.respond(200, b'{"status":"ready"}')

    async def version(self, http: Http) -> None:
        http.respond(200, msgspec.json.encode(self._updates.version()))

    async def landing(self, http: Http) -> None:
        http.respond(200, landing_page(), HTML)
