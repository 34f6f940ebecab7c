"""The real proxy in a process of its own, and ways to talk to it: the OpenAI SDK, http.client, bare sockets."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import openai
from openai import DefaultHttpxClient

from tests.simulator.running import Answer, Gateway

CHAT = "/v1/chat/completions"
DEADLINE_S = 15.0
NO_SDK_RETRIES = 0
_SAID = itertools.count()
_ADDRESS = re.compile(r"serves http://127\.0\.0\.1:(\d+)/v1 ")


class Log:
    """The lines that a process writes, with the moment at which each came."""

    def __init__(self, stream: IO[str]) -> None:
        self.lines: list[tuple[float, str]] = []
        self._stream = stream
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_for(self, wanted: str, *, times: int = 1) -> tuple[float, str]:
        """The line of that many that match the pattern which came last, and its moment."""
        pattern = re.compile(wanted)
        with self._changed:
            found: list[tuple[float, str]] = []

            def there() -> bool:
                found[:] = [entry for entry in self.lines if pattern.search(entry[1])]
                return len(found) >= times or self._ended

            self._changed.wait_for(there, DEADLINE_S)
            assert len(found) >= times, f"no {wanted!r} in the log:\n{self.text}"
            return found[times - 1]

    @property
    def text(self) -> str:
        return "".join(line for _, line in self.lines)

    def close(self) -> str:
        """Everything, once the process has ended."""
        self._thread.join(DEADLINE_S)
        self._stream.close()
        return self.text

    def _read(self) -> None:
        for line in self._stream:
            with self._changed:
                self.lines.append((time.monotonic(), line))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


class Proxy:
    """A running proxy."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        self.process = process
        self.log = Log(process.stderr)
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One request on a connection of its own; bytes are sent as they are, all else as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        try:
            data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
            connection.request(method, path, data, {key.replace("_", "-"): value for key, value in headers.items()})
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def connect(self, *, receive_buffer: int | None = None) -> socket.socket:
        opened = socket.socket()
        if receive_buffer:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        opened.settimeout(DEADLINE_S)
        try:
            opened.connect(("127.0.0.1", self.port))
        except OSError:
            opened.close()
            raise
        return opened

    def raw(self, body: object, *, receive_buffer: int | None = None) -> socket.socket:
        """A socket over which a chat request has been sent, and nothing read."""
        opened = self.connect(receive_buffer=receive_buffer)
        opened.sendall(chat_bytes(body))
        return opened

    def wait(self) -> int:
        return self.process.wait(DEADLINE_S)

    def resident_bytes(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024


def chat_bytes(body: object, path: str = CHAT) -> bytes:
    data = json.dumps(body).encode()
    return f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data


def said(text: str, model: str = "argo:gpt-4o", **more: object) -> dict[str, Any]:
    """The body of a chat request with one user message."""
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


def something_new() -> str:
    """Words that nobody has said before: what ARGO has just refused is not asked again."""
    return f"hi {next(_SAID)}"


def read_until(opened: socket.socket, wanted: bytes) -> bytes:
    data = b""
    while wanted not in data:
        piece = opened.recv(65_536)
        assert piece, f"the connection ended after {data[-500:]!r}"
        data += piece
    return data


def dechunked(answer: bytes) -> bytes:
    """The body of an answer that came in chunks."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK"), head
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        body += rest[: int(size, 16)]
        rest = rest[int(size, 16) + 2 :]
    return body


def frames(body: bytes) -> list[Any]:
    """The data of every event of a stream, the end mark as it is; comments left out."""
    events = [event.removeprefix("data: ") for event in body.decode().split("\n\n") if event.startswith("data: ")]
    return [event if event == "[DONE]" else json.loads(event) for event in events]


def text_of(chunks: list[Any]) -> str:
    choices = [choice for chunk in chunks if chunk != "[DONE]" for choice in chunk.get("choices", ())]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def launch(folder: Path, settings: dict[str, object], *flags: str) -> Proxy:
    """Start the program with this configuration, with nothing of this environment; JSON is YAML, too."""
    config = folder / "config.yaml"
    config.write_text(json.dumps(settings))
    config.chmod(0o600)
    process = subprocess.Popen(
        [sys.executable, "-m", "argo_proxy", str(config), *flags],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder)},
        cwd=folder,
    )
    return Proxy(process)


def settings_for(gateway_url: str, **more: object) -> dict[str, object]:
    return {
        "argo_base_url": f"{gateway_url}/argoapi",
        "user": "jdoe",
        "host": "127.0.0.1",
        "port": 0,
        "update_url": "http://127.0.0.1:9/",
        "retries": 0,
        **more,
    }


@contextmanager
def proxying(folder: Path, gateway_url: str, *flags: str, **more: object) -> Iterator[Proxy]:
    """A proxy that serves, with these settings; it is killed if it does not end by itself."""
    proxy = launch(folder, settings_for(gateway_url, **more), *flags)
    try:
        line = proxy.log.wait_for("argo-proxy .* serves ")[1]
        if found := _ADDRESS.search(line):
            proxy.port = int(found[1])
        yield proxy
    finally:
        if proxy.process.poll() is None:
            proxy.process.terminate()
        try:
            proxy.wait()
        finally:
            proxy.process.kill()
            proxy.process.wait()
            proxy.log.close()


@contextmanager
def sdk(proxy: Proxy, key: str = "any", **options: Any) -> Iterator[openai.OpenAI]:
    """OpenAI's client; without the certificates of the world, which take long to load and are not needed."""
    http_client = DefaultHttpxClient(verify=False, timeout=DEADLINE_S)
    with openai.OpenAI(
        base_url=proxy.url, api_key=key, max_retries=NO_SDK_RETRIES, http_client=http_client, **options
    ) as client:
        yield client


def wait_for(gateway: Gateway, condition: Callable[[list[dict[str, Any]]], object]) -> list[dict[str, Any]]:
    """The gateway's records, once the condition holds of them; each look is a request, so this does not spin."""
    limit_s = time.monotonic() + DEADLINE_S
    while not condition(records := gateway.received()):
        assert time.monotonic() < limit_s, f"still {records}"
    return records


def wait_until_late(proxy: Proxy) -> None:
    """Until it has begun to stop; each look is a request, so this does not spin."""
    limit_s = time.monotonic() + DEADLINE_S
    while proxy.ask("GET", "/health/ready").status != 503:
        assert time.monotonic() < limit_s


def chats(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for record in records if record["method"] == "POST"]
