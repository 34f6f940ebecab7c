"""The head of a request: what its URL names, and how it reads without a wish for another protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from httptools import HttpParserInvalidURLError, parse_url

from argo_proxy.canonical.errors import BadRequest

MAX_HEAD_BYTES = 64 * 1024
_SLASHES = re.compile("//+")
_LASTING = (b"close", b"keep-alive")


class Meter:
    """Measures what comes before it is a request, for it might never end: heads, and lines that the parser keeps."""

    def __init__(self) -> None:
        self._head_bytes = 0
        self._kept_bytes = 0
        self._progress = False

    def begin(self) -> None:
        """A head begins."""
        self._head_bytes = 0

    def add(self, size: int) -> bool:
        """Another part of the head has come. Whether it is still short enough."""
        self._progress = True
        self._head_bytes += size
        return self._head_bytes <= MAX_HEAD_BYTES

    def add_body(self) -> None:
        """Another part of a body has come."""
        self._progress = True

    def keep(self, size: int) -> bool:
        """The parser has read so many bytes. Whether those since the last part are still few enough."""
        self._kept_bytes = 0 if self._progress else self._kept_bytes + size
        self._progress = False
        return self._kept_bytes <= MAX_HEAD_BYTES


def split(url: bytes) -> tuple[str, bytes]:
    """The path, decoded and with single slashes (a base URL that ends in one makes two), and the query, as it is."""
    try:
        parsed = parse_url(url)
    except HttpParserInvalidURLError:  # its host is none; nothing can be at such a path
        return url.decode("latin-1"), b""
    path = unquote(parsed.path or b"/")
    return _SLASHES.sub("/", path) if "//" in path else path, parsed.query or b""


def without_upgrade(first_line: bytes, headers: Mapping[bytes, bytes]) -> bytes:
    """The head, written anew. Whoever wishes for another protocol may also wish to close the connection."""
    tokens = [token.strip() for token in headers.get(b"connection", b"").split(b",")]
    lasting = b", ".join(token for token in tokens if token.lower() in _LASTING)
    kept = {name: value for name, value in headers.items() if name != b"upgrade"} | {b"connection": lasting}
    lines = b"".join(b"%s: %s\r\n" % pair for pair in kept.items())
    return b"%s\r\n%s\r\n" % (first_line, lines)


def head_too_large() -> BadRequest:
    """The error of a head beyond `MAX_HEAD_BYTES`."""
    message = f"the request's head is longer than {MAX_HEAD_BYTES} bytes"
    return BadRequest(message, status=431, code="headers_too_large")
