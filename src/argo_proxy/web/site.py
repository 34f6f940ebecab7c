"""What is where: routes, access, errors, and the log line at the end of every request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from argo_proxy.canonical.errors import BadRequest, Denied, ProxyError
from argo_proxy.dialects.wire import render_error
from argo_proxy.telemetry.request_log import RequestLog
from argo_proxy.web.access import Access, Origins, preflight_headers, shown_key
from argo_proxy.web.faults import fault
from argo_proxy.web.http import Http
from argo_proxy.web.routes import Handler, Methods, Routes
from argo_proxy.web.stopping import stopped, too_late

OPEN_TO_ALL = frozenset({"/health", "/health/ready", "/version", "/openapi.json", "/", "/v1", "/v1/docs"})
"""Paths that need no key: what they tell is the same for everybody, and a client wants it before it has one."""
_ALIVE = "/health"
"""What is still answered when the proxy is about to stop."""
_READING = ("GET", "HEAD", "OPTIONS")
_CLIENT_LEFT = 499  # nginx's number; no client sees it


class Site:
    """Answers every request that a client connection brings."""

    def __init__(
        self,
        routes: Mapping[str, Methods],
        *,
        wordings: Mapping[str, Callable[[ProxyError], bytes]],
        access: Access,
        origins: Origins,
        log: RequestLog,
    ) -> None:
        """`wordings`: how errors are told at paths where they are not told as OpenAI tells them."""
        self._routes = Routes(routes)
        self._wordings = wordings
        self._access = access
        self._origins = origins
        self._log = log

    async def handle(self, http: Http) -> None:
        """Answer a request, whatever it is and whatever happens."""
        if self._log.with_bodies and http.path.startswith("/v1/"):
            http.heard = self._log.overhear(shown_key(http))
        try:
            self._heed_origin(http)
            await self._route(http)(http)
        except ProxyError as error:
            self._tell(http, error)
        except asyncio.CancelledError:
            if http.left:
                http.record.status = _CLIENT_LEFT
            elif http.complete:
                http.record.error = "stopped"
            else:
                self._tell(http, stopped())
        except Exception as unforeseen:  # noqa: BLE001 (the edge: whatever it is, the client gets a proper answer)
            self._tell(http, fault(unforeseen))
        finally:
            self._log.write(http.finish_record(), http.heard)

    def refuse(self, http: Http, error: ProxyError) -> None:
        """Answer what is no request."""
        self._tell(http, error)
        self._log.write(http.finish_record())

    def _heed_origin(self, http: Http) -> None:
        """Let a page read the answer, if it may. Raises Denied for one that may not and asks for more than to read."""
        origin = http.header(b"origin")
        if origin is None:
            return
        headers = self._origins.headers(origin)
        if not headers and http.method not in _READING:
            shown = origin.decode("latin-1")[:200]
            raise Denied(f"pages of {shown} may not ask here; `cors_origins` lists those that may")
        http.add_headers(headers)

    def _route(self, http: Http) -> Handler:
        """What answers this path and method. Raises BadRequest 404 or 405, Denied 401, Unavailable."""
        path = http.path
        if http.late and path != _ALIVE:
            raise too_late()
        methods = self._routes.find(http)
        if methods is None and http.method == "OPTIONS":
            return _preflight  # so that a page gets to see the 404
        if methods is None:
            message = f"there is nothing at {path[:200]}; GET / shows what there is"
            raise BadRequest(message, status=404, code="not_found")
        handler = methods.get("GET" if http.method == "HEAD" else http.method)
        if handler is None:
            return _other_method(http, methods)
        if path not in OPEN_TO_ALL:
            self._access.check(http)
        return handler

    def _tell(self, http: Http, error: ProxyError) -> None:
        """Every error of a request is told here, in the words of its dialect."""
        http.record.error = error.http_code or error.kind
        if http.answered:
            http.record.status = error.http_status
            if not http.complete:
                http.break_off()
            return
        if error.retry_after is not None:
            http.add_headers([(b"retry-after", error.retry_after.encode("latin-1", "replace"))])
        render = self._wordings.get(http.path, render_error)
        http.respond(error.http_status, render(error))


def _other_method(http: Http, methods: Methods) -> Handler:
    """For OPTIONS, an answer that says which methods there are. Raises BadRequest 405 for the rest."""
    allowed = ", ".join((*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"))
    http.add_headers([(b"allow", allowed.encode())])
    if http.method != "OPTIONS":
        message = f"{http.method[:20]} is not allowed on {http.path[:200]}; use {allowed}"
        raise BadRequest(message, status=405, code="method_not_allowed")
    return _preflight


async def _preflight(http: Http) -> None:
    http.respond(200, b"", headers=preflight_headers(http.header(b"access-control-request-headers")))
