"""The endpoints that are about the proxy and its models, not about an answer of a model."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from argo_proxy.canonical.errors import ProxyError, Unavailable
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.model_list import ModelList
from argo_proxy.relay import Calls, Relay
from argo_proxy.updates import Updates
from argo_proxy.web.bulletin import Bulletin
from argo_proxy.web.http import Http
from argo_proxy.web.models import render_list, render_model
from argo_proxy.web.pages import HTML, landing_page


class Readiness:
    """Whether the proxy can serve. One that stops has the site say so, whatever is asked."""

    def __init__(self, calls: Calls, *needed: Endpoint) -> None:
        """Without those that are `needed` there is no serving."""
        self.started = False
        self._calls = calls
        self._needed = needed

    async def check(self) -> Mapping[str, str]:
        """What cannot be reached and need not be, with the reason. Raises Unavailable that says why it cannot serve."""
        if not self.started:
            raise Unavailable("argo-proxy is starting", code="starting")
        try:
            for endpoint in self._needed:
                await self._calls.reach(endpoint)
        except ProxyError as error:
            raise Unavailable(f"ARGO is out of reach: {error.message}", code="gateway_unreachable") from error
        return self._calls.troubles()


class ServicePages:
    """One handler for each."""

    def __init__(
        self, relay: Relay, models: ModelList, updates: Updates, readiness: Readiness, bulletin: Bulletin
    ) -> None:
        self._relay = relay
        self._models = models
        self._updates = updates
        self._readiness = readiness
        self._bulletin = bulletin

    async def list_models(self, http: Http) -> None:
        http.respond(200, render_list(self._relay.catalog, self._models.read_s))

    async def show_model(self, http: Http) -> None:
        http.respond(200, render_model(self._relay.catalog, http.target, self._models.read_s))

    async def refresh(self, http: Http) -> None:
        await self._models.reload()
        self._bulletin.refreshed()
        http.respond(200, msgspec.json.encode({"models": len(self._relay.catalog.cards)}))

    async def health(self, http: Http) -> None:
        http.respond(200, b'{"status":"healthy"}')

    async def ready(self, http: Http) -> None:
        troubles = await self._readiness.check()
        http.respond(200, msgspec.json.encode({"status": "ready", **({"unreachable": troubles} if troubles else {})}))

    async def version(self, http: Http) -> None:
        http.respond(200, msgspec.json.encode(self._updates.version()))

    async def landing(self, http: Http) -> None:
        http.respond(200, landing_page(), HTML)
