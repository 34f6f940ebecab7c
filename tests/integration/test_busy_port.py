"""A port that another program has is left to it."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import pytest

from tests.integration.proxying import Proxy, launch, settings_for
from tests.integration.screen import CTRL_C, on_screen, write_config


def test_on_a_terminal_a_free_port_is_offered_in_place_of_a_busy_one(tmp_path: Path, gateway_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        write_config(tmp_path, gateway_url, port=port)
        with on_screen(tmp_path) as screen:
            screen.sees(f"cannot listen on 127.0.0.1:{port}: another program has this port")
            offered = screen.is_offered_port()
            screen.types("")
            screen.sees(f"serves http://127.0.0.1:{offered}/v1")
            screen.sees("Ctrl-C stops")
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.accept()
    assert offered != port
    assert json.loads((tmp_path / "config.yaml").read_text())["port"] == port


@pytest.mark.parametrize(("key", "expected"), [(CTRL_C, 130), ("\x04", 1)])
def test_who_wants_no_other_port_leaves(tmp_path: Path, gateway_url: str, key: str, expected: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        write_config(tmp_path, gateway_url, port=stranger.getsockname()[1])
        with on_screen(tmp_path) as screen:
            screen.is_offered_port()
            screen.presses(key)
            code, rest = screen.ends()
    assert (code, "Traceback" in rest) == (expected, False)


def test_without_a_terminal_a_busy_port_is_an_error_that_names_its_program(
    tmp_path: Path, proxy: Proxy, gateway_url: str
) -> None:
    second = launch(tmp_path, settings_for(gateway_url, port=proxy.port))
    assert second.wait() == 1
    told = second.log.close()
    assert "another program has this port; choose another with --port" in told
    if sys.platform.startswith("linux"):
        assert f"(it is argo-proxy, process {proxy.process.pid})" in told
