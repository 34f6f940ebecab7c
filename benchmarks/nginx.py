"""Configurations of nginx: a raw proxy, which is the physical limit, and a gateway that always answers the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from benchmarks.upstream import BODIES

NAME = "argo.example"
"""Of the gateway, in its certificate."""
REACHED = "reached.log"
"""In the folder of a gateway that shows a certificate."""
_TEMP = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Certificate(Struct, frozen=True):
    """Files in PEM: what to show, its key, and who vouches for it."""

    chain: Path
    key: Path
    authority: Path


def raw_proxy(folder: Path, port: int, whole: int, streams: int, trusted: Certificate | None = None) -> list[str]:
    """The command of one that passes everything on to these two ports of this machine, behind TLS if it is trusted."""
    scheme = "http" if trusted is None else "https"
    return _command(
        folder,
        [
            f"upstream whole {{ server 127.0.0.1:{whole}; {_KEPT} }}",
            f"upstream streams {{ server 127.0.0.1:{streams}; {_KEPT} }}",
            f"server {{ listen 127.0.0.1:{port} backlog=4096; location = /health {{ return 200 ok; }}",
            'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;',
            *_trust(trusted),
            f"location / {{ proxy_pass {scheme}://whole; }}",
            f"location ~ /streamchat/$ {{ proxy_pass {scheme}://streams; }} }}",
        ],
    )


def gateway(folder: Path, port: int, shown: Certificate | None = None, *, keeps: bool = True) -> list[str]:
    """The command of one that answers; if it shows a certificate, its log tells of every request how it was reached.

    `keeps`: connections; otherwise each serves one request.
    """
    for at, body in enumerate(BODIES.values()):
        (folder / f"{at}.json").write_bytes(body)
    return _command(
        folder,
        [
            *_tls(shown),
            f"server {{ listen 127.0.0.1:{port} {'ssl' if shown else ''} backlog=4096;",
            f"keepalive_requests {_FOR_EVER if keeps else 1}; root {folder}; default_type application/json;",
            "location = /health { return 200 ok; }",
            f"access_log {folder / REACHED} reached;" if shown else "",
            *(f"location = {path} {{ error_page 405 =200 /{at}.json; return 405; }}" for at, path in enumerate(BODIES)),
            "}",
        ],
    )


_FOR_EVER = 10_000_000
_KEPT = f"keepalive 1024; keepalive_requests {_FOR_EVER};"


def _command(folder: Path, http: Sequence[str]) -> list[str]:
    """One process, which is what a proxy in Python has, too."""
    temp = " ".join(f"{name}_temp_path {folder}/{name};" for name in _TEMP)
    lines = [
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;",
        "events { worker_connections 16384; }",
        f"http {{ access_log off; tcp_nodelay on; keepalive_requests {_FOR_EVER}; client_max_body_size 0; {temp}",
        *http,
        "}",
    ]
    path = folder / "nginx.conf"
    path.write_text("\n".join(lines) + "\n")
    return ["nginx", "-c", str(path)]


def _trust(trusted: Certificate | None) -> list[str]:
    if trusted is None:
        return []
    return [
        f"proxy_ssl_trusted_certificate {trusted.authority}; proxy_ssl_verify on; proxy_ssl_name {NAME};",
        "proxy_ssl_server_name on; proxy_ssl_protocols TLSv1.2 TLSv1.3;",
    ]


def _tls(shown: Certificate | None) -> list[str]:
    """Sessions are kept for whoever wants to take one up again."""
    if shown is None:
        return []
    return [
        f"ssl_certificate {shown.chain}; ssl_certificate_key {shown.key}; ssl_protocols TLSv1.2 TLSv1.3;",
        "ssl_session_cache shared:sessions:10m;",
        "log_format reached '$connection $ssl_session_reused $ssl_protocol';",
    ]
