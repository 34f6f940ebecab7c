"""Who has a port is told as far as it can be known."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from argo_proxy import occupant as module
from argo_proxy.occupant import occupant


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_process_of_ones_own_is_told_by_name_and_number(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as taken:
        told = occupant(taken.getsockname()[1])
    assert told.startswith("it is ")
    assert told.endswith(f", process {os.getpid()}")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
def test_of_a_process_of_somebody_else_the_user_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_holds", lambda *_: False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert occupant(taken.getsockname()[1]).startswith("it is a program of user ")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
def test_a_port_that_nobody_has_has_no_occupant() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert occupant(bound.getsockname()[1]) == "which one cannot be seen from here"


@pytest.mark.parametrize(("platform", "command"), [("win32", "netstat -ano"), ("darwin", "lsof -nP")])
def test_elsewhere_a_command_is_told(monkeypatch: pytest.MonkeyPatch, platform: str, command: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert command in occupant(8080)
