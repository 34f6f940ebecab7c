"""What is measured: nginx as a raw proxy, this proxy, and any other that is named. All reach the same gateway."""

from __future__ import annotations

import http.client
import json
import shlex
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from benchmarks import nginx
from benchmarks.processes import Session, running
from benchmarks.questions import PREFIX

START_S = 60.0
_LOOK_S = 0.003
LIMIT, OURS = "nginx", "argo-proxy"


class Gateway(Struct, frozen=True):
    """Where whole answers and streams come from, on this machine."""

    whole: int
    streams: int
    trusted: nginx.Certificate | None = None


class Target(Struct, frozen=True):
    """`command` is given a folder, the port to listen on and the gateway; `raw`: it is asked as ARGO is."""

    name: str
    command: Callable[[Path, int, Gateway], list[str]]
    raw: bool = False


class Subject(Struct, frozen=True):
    """A target that runs, and how long it took until it served."""

    target: Target
    port: int
    session: Session
    start_s: float


def raw_nginx() -> Target:
    def command(folder: Path, port: int, gateway: Gateway) -> list[str]:
        return nginx.raw_proxy(folder, port, gateway.whole, gateway.streams, gateway.trusted)

    return Target(LIMIT, command, raw=True)


def this_proxy(**more: object) -> Target:
    """With all that it does by itself, the log of requests included."""

    def command(folder: Path, port: int, gateway: Gateway) -> list[str]:
        settings = {"verbose": True, "update_url": "http://127.0.0.1:9/", **more}
        return [sys.executable, "-m", "argo_proxy", str(configured(folder, port, gateway, settings))]

    return Target(OURS, command)


def profiled(out: Path) -> Target:
    """This proxy under Python's profiler, which writes the file when it is stopped."""
    plain = this_proxy()

    def command(folder: Path, port: int, gateway: Gateway) -> list[str]:
        python, *words = plain.command(folder, port, gateway)
        return [python, "-m", "cProfile", "-o", str(out), *words]

    return Target(OURS, command)


def other(named: str) -> Target:
    """NAME=CMD: a command that takes a configuration file, with the keys of argo-proxy 2, as its last argument."""
    name, _, words = named.partition("=")

    def command(folder: Path, port: int, gateway: Gateway) -> list[str]:
        return [*shlex.split(words), str(configured(folder, port, gateway, {"verbose": False}))]

    return Target(name, command)


def configured(folder: Path, port: int, gateway: Gateway, more: Mapping[str, object]) -> Path:
    """A configuration file; JSON is YAML, too."""
    whole, streams = (base_url(gateway, port) for port in (gateway.whole, gateway.streams))
    settings = {
        "argo_url": f"{whole}/resource/chat/",
        "argo_stream_url": f"{streams}/resource/streamchat/",
        "argo_embedding_url": f"{whole}/resource/embed/",
        "argo_model_url": f"{whole}/models/",
        "host": "127.0.0.1",
        "port": port,
        "user": "tester",
        **trust(gateway),
        **more,
    }
    path = folder / "config.yaml"
    path.write_text(json.dumps(settings, indent=1))
    path.chmod(0o600)
    return path


def base_url(gateway: Gateway, port: int) -> str:
    return f"http://127.0.0.1:{port}{PREFIX}" if gateway.trusted is None else f"https://{nginx.NAME}:{port}{PREFIX}"


def trust(gateway: Gateway) -> dict[str, object]:
    if gateway.trusted is None:
        return {}
    return {"ca_file": str(gateway.trusted.authority), "resolve_overrides": {nginx.NAME: "127.0.0.1"}}


@contextmanager
def serving(target: Target, gateway: Gateway, folder: Path) -> Iterator[Subject]:
    """The target while it serves; the folder is its own."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = target.command(folder, port, gateway)
    began_s = time.perf_counter()
    with running(command, folder / "log", HOME=str(folder)) as session:
        wait_until_healthy(port, session)
        yield Subject(target, port, session, time.perf_counter() - began_s)


@contextmanager
def gateways(folder: Path) -> Iterator[Gateway]:
    """nginx for whole answers, which nothing surpasses, and a small program for streams."""
    folder.mkdir(parents=True, exist_ok=True)
    gateway = Gateway(free_port(), free_port())
    with (
        running(nginx.gateway(folder, gateway.whole), folder / "log") as whole,
        running([sys.executable, "-m", "benchmarks.upstream", str(gateway.streams)], folder / "log") as streams,
    ):
        wait_until_open(gateway.whole, whole)
        wait_until_open(gateway.streams, streams)
        yield gateway


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def wait_until_healthy(port: int, session: Session) -> None:
    """Until it answers that it is."""

    def healthy() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_S)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        finally:
            connection.close()

    _wait(healthy, session)


def wait_until_open(port: int, session: Session) -> None:
    """Until something listens."""

    def opened() -> bool:
        socket.create_connection(("127.0.0.1", port)).close()
        return True

    _wait(opened, session)


def _wait(there: Callable[[], bool], session: Session) -> None:
    limit_s = time.monotonic() + START_S
    while time.monotonic() < limit_s and not session.ended:
        try:
            if there():
                return
        except (ConnectionError, http.client.HTTPException):
            time.sleep(_LOOK_S)
    raise SystemExit(f"it does not serve; its log:\n{session.log.read_text()[-2000:]}")
