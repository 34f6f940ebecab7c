"""Who listens where this proxy would, and what a proxy that runs there says."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast
from urllib.parse import urlsplit

LIMIT_S = 2.0
MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nothing listens there."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """Another program listens there."""


@dataclass(frozen=True, slots=True)
class Ours:
    """An argo-proxy of this version."""

    version: str


Neighbour: TypeAlias = Nobody | Stranger | Ours


def neighbour_at(address: str) -> Neighbour:
    """Who answers at `http://host:port`."""
    try:
        status, said = ask(address, "/version")
    except (ConnectionRefusedError, socket.gaierror):
        return Nobody()
    except (OSError, http.client.HTTPException):
        return Stranger()
    if status == 200 and isinstance(said, Mapping) and {"version", "latest", "update_available"} <= {*said}:
        return Ours(str(said["version"]))
    return Stranger()


def ask(address: str, path: str, key: str | None = None) -> tuple[int, Mapping[str, object] | None]:
    """GET it, past every HTTP proxy of the environment: the status, and the object that the body is, if it is one.

    Raises OSError or HTTPException.
    """
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=LIMIT_S)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
        response = connection.getresponse()
        return response.status, as_object(response.read(MAX_BYTES))
    finally:
        connection.close()


def as_object(body: bytes) -> Mapping[str, object] | None:
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else None
