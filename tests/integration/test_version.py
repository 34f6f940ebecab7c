"""`--version` tells what it can, soon, and never fails."""

from __future__ import annotations

import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from argo_proxy import __version__
from tests.integration.screen import on_screen

NOWHERE = "http://127.0.0.1:9"
LOOKS_EVERY_S = 0.01  # whether to end


@contextmanager
def index(answer: bytes) -> Iterator[str]:
    """A package index that always says this."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(LOOKS_EVERY_S,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/json"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("flag", ["--version", "-V"])
@pytest.mark.parametrize(
    ("latest", "told"),
    [
        ("999.1", ["999.1 is published; pip install --upgrade argo-openai-proxy"]),
        (__version__, ["no newer one is published"]),
    ],
)
def test_the_version_comes_with_whether_there_is_a_newer_one(
    tmp_path: Path, flag: str, latest: str, told: list[str]
) -> None:
    with index(json.dumps({"info": {"version": latest}}).encode()) as url:
        (tmp_path / "config.yaml").write_text(f"update_url: {url}\n")
        with on_screen(tmp_path, flag) as screen:
            code, rest = screen.ends()
    assert (code, rest.splitlines()) == (0, [f"argo-proxy {__version__}", *told])


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b'{"info": {"version": 7}}', b"\xff", b"[" * 100_000])
def test_an_index_that_makes_no_sense_is_no_news(tmp_path: Path, answer: bytes) -> None:
    with index(answer) as url, on_screen(tmp_path, "-V", ARGO_PROXY_UPDATE_URL=url) as screen:
        assert screen.ends() == (0, f"argo-proxy {__version__}\r\n")


def test_offline_the_version_is_told_alone_and_whatever_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("user: [\n")
    with on_screen(tmp_path, "--version", ARGO_PROXY_UPDATE_URL=NOWHERE) as screen:
        assert screen.ends() == (0, f"argo-proxy {__version__}\r\n")


def test_a_silent_index_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        started_s = time.monotonic()
        with on_screen(tmp_path, "--version", ARGO_PROXY_UPDATE_URL=url) as screen:
            assert screen.ends() == (0, f"argo-proxy {__version__}\r\n")
        assert time.monotonic() - started_s < 4
