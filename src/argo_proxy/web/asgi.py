"""The ASGI application: routes, access, errors, and the log line at the end of every request."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import msgspec

from argo_proxy.canonical.errors import BadRequest, ProxyError, Unavailable
from argo_proxy.dialects.wire import render_error
from argo_proxy.model_list import ModelList
from argo_proxy.relay import Relay
from argo_proxy.telemetry.request_log import LOGGER, log_request
from argo_proxy.updates import Updates
from argo_proxy.web.access import Access, Origins, preflight_headers
from argo_proxy.web.exchange import Exchange
from argo_proxy.web.http import ClientLeft, Http, Receive, Scope, Send
from argo_proxy.web.models import render_list, render_model
from argo_proxy.web.pages import HTML, landing_page

Handler: TypeAlias = Callable[[Http], Awaitable[None]]

_MODEL_PREFIX = "/v1/models/"
_CLIENT_LEFT = 499  # nginx's number; no client sees it


class Readiness:
    """Whether the proxy can serve. `draining` is set when it has been asked to stop."""

    def __init__(self, reach: Callable[[], Awaitable[None]]) -> None:
        self.started = False
        self.draining = False
        self._reach = reach

    async def check(self) -> None:
        """Raises ProxyError 503 that says why it cannot."""
        if self.draining:
            raise Unavailable("argo-proxy is stopping", code="draining")
        if not self.started:
            raise Unavailable("argo-proxy is starting", code="starting")
        try:
            await self._reach()
        except ProxyError as error:
            raise Unavailable(f"ARGO is out of reach: {error.message}", code="gateway_unreachable") from error


class WebApp:
    """What uvicorn calls for every connection event."""

    def __init__(
        self,
        *,
        exchanges: Mapping[str, Exchange],
        relay: Relay,
        models: ModelList,
        updates: Updates,
        access: Access,
        origins: Origins,
        readiness: Readiness,
    ) -> None:
        self._exchanges = exchanges
        self._relay = relay
        self._models = models
        self._updates = updates
        self._access = access
        self._origins = origins
        self._readiness = readiness
        self._routes: Mapping[str, Mapping[str, Handler]] = {
            **{path: {"POST": self._exchange} for path in exchanges},
            "/v1/models": {"GET": self._list_models},
            "/refresh": {"POST": self._refresh},
            "/health": {"GET": self._health},
            "/health/ready": {"GET": self._ready},
            "/version": {"GET": self._version},
            "/": {"GET": self._landing},
            "/v1": {"GET": self._landing},
            "/v1/docs": {"GET": self._landing},
        }
        self._guarded = frozenset({*exchanges, "/v1/models", "/refresh"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(f"no handler for {scope['type']}")
        http = Http(scope, receive, send)
        try:
            await self._answer(http)
        except ClientLeft:
            http.record.status = _CLIENT_LEFT
        except asyncio.CancelledError:
            http.record.error = "cancelled: the proxy is stopping"
            raise
        finally:
            log_request(http.finish_record())

    async def _answer(self, http: Http) -> None:
        """Every error that a handler raises is told here, in one place."""
        for name, value in self._origins.headers(http.header(b"origin")):
            http.add_header(name, value)
        try:
            await self._dispatch(http)
        except ProxyError as error:
            await self._tell(http, error)
        except Exception as error:  # noqa: BLE001 (the edge: whatever it is, the client gets a proper answer)
            logging.getLogger(LOGGER).error("internal error: %s", _where(error))
            await self._tell(http, ProxyError("argo-proxy has a fault of its own here; its log says where"))

    async def _dispatch(self, http: Http) -> None:
        path = http.path
        model_name = path.removeprefix(_MODEL_PREFIX)
        if model_name != path:
            methods: Mapping[str, Handler] = {"GET": lambda http: self._show_model(http, model_name)}
        elif path in self._routes:
            methods = self._routes[path]
        else:
            raise BadRequest(
                f"there is nothing at {path[:200]}; GET / shows what there is", status=404, code="not_found"
            )
        await self._call(http, methods, guarded=path in self._guarded or model_name != path)

    async def _call(self, http: Http, methods: Mapping[str, Handler], *, guarded: bool) -> None:
        method = "GET" if http.record.method == "HEAD" else http.record.method
        allowed = ", ".join((*methods, "HEAD", "OPTIONS") if "GET" in methods else (*methods, "OPTIONS"))
        if method == "OPTIONS":
            wanted = http.header(b"access-control-request-headers")
            await http.respond(200, b"", headers=[(b"allow", allowed.encode()), *preflight_headers(wanted)])
        elif method not in methods:
            http.add_header(b"allow", allowed.encode())
            message = f"{http.record.method[:20]} is not allowed on {http.record.path[:200]}; use {allowed}"
            raise BadRequest(message, status=405, code="method_not_allowed")
        else:
            if guarded:
                self._access.check(http)
            await methods[method](http)

    async def _tell(self, http: Http, error: ProxyError) -> None:
        http.record.error = error.message
        if http.answered:
            raise ClientLeft  # too late for an answer: breaking off is the only way left to say so
        if error.retry_after is not None:
            http.add_header(b"retry-after", error.retry_after.encode("latin-1", "replace"))
        exchange = self._exchanges.get(http.path)
        render = render_error if exchange is None else exchange.render_error
        await http.respond(error.http_status, render(error))

    async def _exchange(self, http: Http) -> None:
        await self._exchanges[http.path].handle(http, self._access.user(http))

    async def _list_models(self, http: Http) -> None:
        await http.respond(200, render_list(self._relay.catalog, self._models.read_s))

    async def _show_model(self, http: Http, name: str) -> None:
        await http.respond(200, render_model(self._relay.catalog, name, self._models.read_s))

    async def _refresh(self, http: Http) -> None:
        await self._models.reload()
        await http.respond(200, msgspec.json.encode({"models": len(self._relay.catalog.cards)}))

    async def _health(self, http: Http) -> None:
        await http.respond(200, b'{"status":"healthy"}')

    async def _ready(self, http: Http) -> None:
        await self._readiness.check()
        await http.respond(200, b'{"status":"ready"}')

    async def _version(self, http: Http) -> None:
        await http.respond(200, msgspec.json.encode(self._updates.version()))

    async def _landing(self, http: Http) -> None:
        await http.respond(200, landing_page(), HTML)


def _where(error: Exception) -> str:
    """Type and place of an error, without its text, which may quote a prompt."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {places}"
