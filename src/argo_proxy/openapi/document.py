"""The OpenAPI document as it is served at `GET /openapi.json`. It is made when somebody asks, and kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from argo_proxy import __version__
from argo_proxy.canonical.chat import JsonObject
from argo_proxy.openapi import bodies
from argo_proxy.openapi.operations import JSON, OPERATIONS, Operation
from argo_proxy.openapi.schemas import reference

_ABOUT = """\
Argonne's ARGO gateway under OpenAI's API. Every path may end in a slash; HEAD goes with GET; fields that are not \
named here are ignored. A body may be compressed with gzip or deflate."""
_ERRORS: Mapping[int, str] = {
    400: "The request is malformed, or asks for what cannot be done",
    401: "No key, or one that is not known here",
    403: "ARGO does not let this user, or the proxy this web page",
    404: "No such model, or nothing by this name",
    408: "ARGO, or the client, took too long",
    413: "The body is too large",
    415: "The body is compressed in a way that cannot be read",
    429: "ARGO asks to slow down",
    500: "A fault of the proxy",
    502: "ARGO failed, or what it answered is no answer",
    503: "ARGO is out of reach, or the proxy is stopping",
    504: "ARGO took too long",
}
_ERROR: Mapping[str, JsonObject] = {JSON: reference(bodies.ERROR)}
_HEADERS: Mapping[str, str] = {
    "x-request-id": "By this the log knows the request",
    "x-argo-proxy-overhead-ms": "How long the proxy itself took",
}
_ADJUSTED = {"x-argo-proxy-adjusted": "What was changed or left out of the request, for the model's sake"}
_RETRY = {"retry-after": "When to try again, if that is known"}


@lru_cache(maxsize=2)
def document(*, keyed: bool) -> bytes:
    """The document of a proxy that needs a key, or of one that is open."""
    return msgspec.json.encode(described(keyed=keyed))


def described(*, keyed: bool) -> JsonObject:
    """The document, before it is JSON."""
    paths: dict[str, JsonObject] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _told(operation)
    key: JsonObject = {"key": []}
    return {
        "openapi": "3.1.0",
        "info": {"title": "argo-proxy", "version": __version__, "description": _ABOUT, "license": {"name": "MIT"}},
        "servers": [{"url": "/"}],
        "security": [key] if keyed else [key, {}],
        "paths": paths,
        "components": {
            "schemas": bodies.schemas(),
            "responses": {f"Error{status}": _error(status) for status in _ERRORS},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _told(operation: Operation) -> JsonObject:
    told: JsonObject = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*map(_name, re.findall(r"\{(\w+)\}", operation.path)), *operation.query],
        "responses": {
            "200": _answer("The answer", operation.answer, {**_HEADERS, **(_ADJUSTED if operation.asked else {})}),
            **{str(status): {"$ref": f"#/components/responses/Error{status}"} for status in operation.errors},
            "default": _answer("Any other error", {"*/*": {}} if operation.passed else _ERROR, _HEADERS),
        },
    }
    if operation.asked is not None:
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": operation.asked}}}
    if operation.open:
        told["security"] = []
    return told


def _name(name: str) -> JsonObject:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _error(status: int) -> JsonObject:
    return _answer(_ERRORS[status], _ERROR, {**_HEADERS, **_RETRY})


def _answer(about: str, content: Mapping[str, JsonObject], headers: Mapping[str, str]) -> JsonObject:
    return {
        "description": about,
        "headers": {name: {"description": what, "schema": {"type": "string"}} for name, what in headers.items()},
        "content": {kind: {"schema": schema} for kind, schema in content.items()},
    }
