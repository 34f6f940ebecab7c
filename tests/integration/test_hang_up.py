"""What becomes of the proxy when its terminal goes away."""

from __future__ import annotations

import http.client
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.integration.screen import DEADLINE_S, on_screen, on_shell, write_config

SERVES = re.compile(r"serves http://127\.0\.0\.1:(\d+)/v1")


def wait_until(fact: Callable[[], bool]) -> None:
    """Each look asks the proxy or reads a file, so this does not spin."""
    limit_s = time.monotonic() + DEADLINE_S
    while not fact():
        assert time.monotonic() < limit_s


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def port_in(text: str) -> int:
    found = SERVES.search(text)
    return int(found[1]) if found else 0


def test_it_ends_with_the_terminal_that_it_was_started_on(tmp_path: Path, gateway_url: str) -> None:
    write_config(tmp_path, gateway_url)
    with on_screen(tmp_path) as screen:
        port = port_in(screen.sees("Ctrl-C stops"))
        assert answers(port)
        screen.goes_away()
        wait_until(lambda: not answers(port))
        assert screen.wait() == 0


def test_on_a_terminal_the_signal_alone_reads_the_configuration_anew(tmp_path: Path, gateway_url: str) -> None:
    write_config(tmp_path, gateway_url)
    with on_screen(tmp_path) as screen:
        screen.sees("Ctrl-C stops")
        screen.is_told(signal.SIGHUP)
        screen.sees("the configuration has not changed")


def test_under_nohup_it_outlives_its_terminal(tmp_path: Path, gateway_url: str) -> None:
    write_config(tmp_path, gateway_url)
    log = tmp_path / "nohup.out"
    with on_shell(tmp_path, "exec nohup argo-proxy", {}) as screen:
        wait_until(lambda: log.exists() and "Ctrl-C stops" in log.read_text())
        screen.goes_away()
        wait_until(lambda: "the configuration has not changed" in log.read_text())
        assert answers(port_in(log.read_text()))
        screen.is_told(signal.SIGTERM)
        assert screen.wait() == 0
