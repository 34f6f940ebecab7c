"""Where a call goes: a URL taken apart once, with the head of its requests made ready."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from argo_proxy import __version__

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """What a connection is made to."""

    host: str
    port: int
    secure: bool

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Endpoint:
    """One URL of the gateway.

    Every request asks for `identity`: the gateway gzips streams otherwise, which holds the text back.
    """

    def __init__(self, url: str, accept: str = "*/*") -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        self.url = url
        self.origin = Origin(parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme], secure)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._target = target.encode("ascii", "strict")
        host = parts.netloc.rpartition("@")[2]
        self._headers = (
            f"Host: {host}\r\nUser-Agent: argo-proxy/{__version__}\r\nAccept: {accept}\r\nAccept-Encoding: identity\r\n"
        ).encode()
        self._post_head = b"POST %s HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: " % (
            self._target,
            self._headers,
        )

    def post(self, body: bytes) -> bytes:
        """A whole POST request with a JSON body."""
        return b"%s%d\r\n\r\n%s" % (self._post_head, len(body), body)

    def get(self) -> bytes:
        """A whole GET request."""
        return b"GET %s HTTP/1.1\r\n%s\r\n" % (self._target, self._headers)
