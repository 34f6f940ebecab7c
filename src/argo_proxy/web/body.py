"""What a request's body may be: how large, and compressed in which ways (`Content-Encoding`)."""

from __future__ import annotations

import asyncio
import zlib

from argo_proxy.canonical.errors import BadRequest

CODINGS = b"gzip, deflate"
_NONE = (b"", b"identity")
_GZIP = (b"gzip", b"x-gzip")
_MOST_MEMBERS = 64
"""Of how many gzip files in a row a body may be made; each costs a copy of what follows it."""
_INLINE_BYTES = 4 * 1024
"""So little swells to 4 MiB at most, in some milliseconds; more is inflated in a thread."""


def too_large(limit: int, form: str = "") -> BadRequest:
    """The error of a body beyond `limit` bytes."""
    message = f"the request body is larger than {limit // 2**20} MiB{form}; `max_body_mb` sets this limit"
    return BadRequest(message, status=413, code="request_too_large")


def coding_of(header: bytes) -> bytes | None:
    """The one coding that the header names; None for none at all. Raises BadRequest 415."""
    names = [name for part in header.lower().split(b",") if (name := part.strip()) not in _NONE]
    if not names:
        return None
    if len(names) > 1:
        raise _unsupported(f"a request body can be compressed once, not {len(names)} times")
    if names[0] not in (*_GZIP, b"deflate"):
        raise _unsupported(
            f"a request body cannot be read when it is compressed with {names[0][:40].decode('latin-1')!r}"
        )
    return names[0]


async def inflate(data: bytes, coding: bytes, limit: int) -> bytes:
    """The original, of at most `limit` bytes. Raises BadRequest 413 beyond it, 400 for damaged data."""
    if len(data) <= _INLINE_BYTES:
        return _inflate(data, coding, limit)
    return await asyncio.to_thread(_inflate, data, coding, limit)


def _inflate(data: bytes, coding: bytes, limit: int) -> bytes:
    members: list[bytes] = []
    size = 0
    while data:
        inflater = zlib.decompressobj(_window_bits(data, coding))
        try:
            members.append(inflater.decompress(data, limit - size + 1))
        except zlib.error as error:
            raise _damaged(coding, str(error)) from error
        size += len(members[-1])
        if size > limit:
            raise too_large(limit, " once it is inflated")
        if not inflater.eof:
            raise _damaged(coding, "it is cut short")
        data = inflater.unused_data
        if data and (coding not in _GZIP or len(members) == _MOST_MEMBERS):
            raise _damaged(coding, "there is more after its end")
    return members[0] if len(members) == 1 else b"".join(members)


def _window_bits(data: bytes, coding: bytes) -> int:
    """How zlib is told the format. `deflate` means zlib's, but some send it bare (RFC 9110, 8.4.1.2)."""
    if coding in _GZIP:
        return zlib.MAX_WBITS | 16
    return zlib.MAX_WBITS if data[0] & 0x0F == zlib.DEFLATED else -zlib.MAX_WBITS  # no bare one begins so


def _unsupported(message: str) -> BadRequest:
    return BadRequest(f"{message}; send it as gzip, as deflate, or as it is", status=415, code="unsupported_encoding")


def _damaged(coding: bytes, why: str) -> BadRequest:
    return BadRequest(f"the request body is not valid {coding.decode('latin-1')}: {why}")
