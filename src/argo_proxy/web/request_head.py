"""The head of a request: what its URL names, and how it reads without a wish for another protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from httptools import HttpParserInvalidURLError, parse_url

from argo_proxy.canonical.errors import BadRequest
from argo_proxy.gateway.line_meter import MAX_HEAD_BYTES

_SLASHES = re.compile("//+")
_LASTING = (b"close", b"keep-alive")


def split(url: bytes) -> tuple[str, bytes]:
    """The path, decoded and with single slashes (a base URL that ends in one makes two), and the query, as it is."""
    if url.startswith(b"/"):  # as nearly always
        target, _, query = url.partition(b"#")[0].partition(b"?")
    else:
        try:
            parsed = parse_url(url)
        except HttpParserInvalidURLError:  # its host is none; nothing can be at such a path
            return url.decode("latin-1"), b""
        target, query = parsed.path or b"/", parsed.query or b""
    path = unquote(target) if b"%" in target else target.decode("utf-8", "replace")
    return _SLASHES.sub("/", path) if "//" in path else path, query


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
