"""Started as some daemons do: without standard input, output and error, or with a log that cannot be written."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.proxying import DEADLINE_S, settings_for, wait_for
from tests.simulator.running import Gateway

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="redirects by way of the shell, /dev/full")


@pytest.mark.parametrize("streams", ["<&- >&- 2>&-", "2> /dev/full"])
def test_it_serves_and_ends_well(tmp_path: Path, gateway: Gateway, gateway_url: str, streams: str) -> None:
    path = tmp_path / "own" / "socket"
    (tmp_path / "config.yaml").write_text(json.dumps(settings_for(gateway_url, socket=str(path), no_such_key=1)))
    process = subprocess.Popen(
        ["/bin/sh", "-c", f"exec '{sys.executable}' -m argo_proxy --show {streams}"],
        cwd=tmp_path,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(gateway, lambda records: records)  # it asks for the models once it listens
        assert status_of_health(path) == 200
        process.terminate()
        assert process.wait(DEADLINE_S) == 0
    finally:
        process.kill()
        process.wait()


def status_of_health(path: Path) -> int:
    with socket.socket(socket.AF_UNIX) as opened:
        opened.settimeout(DEADLINE_S)
        opened.connect(str(path))
        opened.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        response = http.client.HTTPResponse(opened)
        response.begin()
        return response.status
