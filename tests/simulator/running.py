"""A simulator in a process of its own, and a client that knows nothing but sockets and http.client."""

import http.client
import json
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

CHAT = "/argoapi/api/v1/resource/chat/"
STREAM = "/argoapi/api/v1/resource/streamchat/"
EMBED = "/argoapi/api/v1/resource/embed/"
MODELS = "/argoapi/api/v1/models/"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Gateway:
    port: int

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One request on a connection of its own; headers as keywords, with _ for -."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            return ask_on(connection, method, path, body, **headers)
        finally:
            connection.close()

    def script(self, *acts: dict[str, object]) -> None:
        assert self.ask("POST", "/_simulator/script", list(acts)).status == 200

    def received(self) -> list[dict[str, Any]]:
        return self.ask("GET", "/_simulator/received").json

    def wait_for_outcome(self, outcome: str) -> dict[str, Any]:
        """Ask until the last request has ended so; there is nothing to wait on but the record itself."""
        for _ in range(2_000):
            last = self.received()[-1]
            if last["outcome"] == outcome:
                return last
        raise AssertionError(f"still {last['outcome']}, not {outcome}")

    def raw(self, path: str, body: object) -> socket.socket:
        """A socket over which the request has been sent, and nothing read."""
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        opened.sendall(request_bytes(path, body))
        return opened


def request_bytes(path: str, body: object) -> bytes:
    data = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\naccept-encoding: identity\r\n"
    return f"{head}content-length: {len(data)}\r\n\r\n".encode() + data


def ask_on(connection: http.client.HTTPConnection, method: str, path: str, body: object, **headers: str) -> Answer:
    data = None if body is None else json.dumps(body).encode()
    connection.request(method, path, data, {key.replace("_", "-"): value for key, value in headers.items()})
    response = connection.getresponse()
    return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())


def start(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    """The process and the line that it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "argo_proxy.simulator", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline()


def everything_from(opened: socket.socket) -> bytes:
    """All bytes up to the end of the connection."""
    with opened:
        return b"".join(iter(lambda: opened.recv(65_536), b""))
