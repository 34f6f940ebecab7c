"""Whom to trust over TLS: what the system trusts, and a certificate of the network's own; and how not to ask twice.

A context is made once and kept. truststore looks the system's certificates up anew for every connection, which on
Linux costs 30 ms each time; only macOS and Windows keep them where nothing but truststore can ask.
"""

from __future__ import annotations

import os
import re
import ssl
import sys
from functools import cached_property

_CA_FILES = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
"""Where distributions keep their certificates, for a Python that was built for another one."""
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")


class ResumingContext(ssl.SSLContext):
    """Goes on from the last session with a host, which spares both sides most of the handshake."""

    def __init__(self, _: int) -> None:
        super().__init__()
        self._sessions: dict[str | bytes | None, ssl.SSLSession] = {}

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        known = session or self._sessions.get(server_hostname)
        return super().wrap_bio(incoming, outgoing, server_side, server_hostname, known)

    def remember(self, connected: ssl.SSLObject) -> None:
        """Go on from here next time, which needs that something has been received: TLS 1.3 tells it so late.

        A session that was gone on from serves again: to copy another one costs as much as it saves.
        """
        if not connected.session_reused and (session := connected.session) is not None:
            self._sessions[connected.server_hostname] = session


class Trust:
    """The one context of all connections that trust alike, made when the first of them needs it."""

    def __init__(self, ca_file: str | None = None) -> None:
        self._ca_file = ca_file

    @cached_property
    def context(self) -> ssl.SSLContext:
        """As `trusting` makes it. Raises OSError."""
        return trusting(self._ca_file)

    def remember(self, connected: ssl.SSLObject | None) -> None:
        """Go on from this session next time, if there is one and the system leaves that to us."""
        if connected is not None and isinstance(self.context, ResumingContext):
            self.context.remember(connected)


def trusting(ca_file: str | None) -> ssl.SSLContext:
    """A context for connections to servers that the system trusts, or the certificates in `ca_file`. Raises OSError."""
    context = _native() if sys.platform in ("darwin", "win32") else _of_files()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def _native() -> ssl.SSLContext:
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _of_files() -> ssl.SSLContext:
    context = ResumingContext(ssl.PROTOCOL_TLS_CLIENT)
    if _has_defaults():
        context.set_default_verify_paths()
    elif found := next(filter(os.path.isfile, _CA_FILES), None):
        context.load_verify_locations(found)
    return context


def _has_defaults() -> bool:
    """Whether OpenSSL finds certificates by itself: in a file, or in a folder under the names that it looks for."""
    paths = ssl.get_default_verify_paths()  # None for what is not there
    names = os.listdir(paths.capath) if paths.capath else ()
    return bool(paths.cafile) or any(map(_HASHED.fullmatch, names))
