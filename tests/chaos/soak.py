"""`python -m tests.chaos.soak`: some requests a second of every kind for a long time; does anything grow?

Faults of every kind, clients that leave, responses in the background and in conversations kept in SQLite, image links.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from tests.chaos.faults import FAULTS, NOTHING
from tests.chaos.footprint import footprint
from tests.chaos.judge import Request
from tests.chaos.line import Answer, Line
from tests.chaos.run import Report, check_log, check_open, plan, play_one, running
from tests.chaos.trends import Sample, percentile, table, trends
from tests.integration.proxying import Proxy
from tests.simulator.running import Gateway

RESPONSES, CHAT = "/v1/responses", "/v1/chat/completions"
MODEL = "argo:gpt-4o"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MIXED_CLIENTS = 10
TURNS = 5
SETTINGS: dict[str, object] = {"allow_private_images": True, "state_max_mb": 8, "keep_alive_s": 5}


class Soak:
    """What the clients share."""

    def __init__(self, proxy: Proxy, gateway: Gateway, minutes: float) -> None:
        self.proxy = proxy
        self.gateway = gateway
        self.report = Report()
        self.requests = 0
        self.latencies_ms: list[float] = []
        self.image_url = ""
        self.end_s = time.monotonic() + minutes * 60
        self._numbers = count(1)

    def prompt(self) -> str:
        """One that has not been before."""
        return f"é日🚀 number {next(self._numbers)} " * 10

    def expect(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.report.complaints.append(f"{what}: {found!r} is not {wanted!r}"[:400])

    def is_over(self) -> bool:
        return time.monotonic() >= self.end_s


async def mixed(soak: Soak, line: Line, control: Line, request: Request) -> None:
    """One of the chaos; those that go well are timed."""
    started_s = time.monotonic()
    await play_one(request, line, control, soak.report)
    if request.fault is NOTHING:
        soak.latencies_ms.append((time.monotonic() - started_s) * 1000)


async def leaving(soak: Soak, line: Line) -> None:
    """A client that leaves in the middle of a slow stream, and one that leaves before it."""
    drip = next(fault.mark for fault in FAULTS if fault.name == "drip")
    asked = {"model": MODEL, "messages": [{"role": "user", "content": f"{drip} {soak.prompt()}"}], "stream": True}
    await line.leave(CHAT, asked, b'content":"Y')
    silence = next(fault.mark for fault in FAULTS if fault.name == "silence")
    asked = {"model": MODEL, "input": f"{silence} {soak.prompt()}", "stream": True, "tools": [], "store": False}
    try:
        await asyncio.wait_for(line.leave(RESPONSES, asked, b"never"), 0.2)
    except asyncio.TimeoutError:
        line.close()


async def background(soak: Soak, line: Line) -> None:
    """A response in the background: asked for, looked at until it is there, deleted."""
    prompt = soak.prompt()
    made = json.loads((await line.ask(RESPONSES, {"model": MODEL, "input": prompt, "background": True})).body)
    path = f"{RESPONSES}/{made['id']}"
    for _ in range(200):
        found = json.loads((await line.ask(path, method="GET")).body)
        if found["status"] not in ("queued", "in_progress"):
            break
        await asyncio.sleep(0.05)
    soak.expect("a background response", (found["status"], _text(found)), ("completed", f"You said: {prompt}"))
    soak.expect("its deletion", (await line.ask(path, method="DELETE")).status, 200)


async def conversation(soak: Soak, line: Line) -> None:
    """Responses that go on from each other, and stay stored."""
    before: str | None = None
    for turn in range(TURNS):
        prompt = soak.prompt()
        asked = {"model": MODEL, "input": prompt, "previous_response_id": before, "store": True}
        found = json.loads((await line.ask(RESPONSES, asked)).body)
        soak.expect(f"turn {turn}", _text(found), f"You said: {prompt}")
        before = found["id"]


async def picture(soak: Soak, line: Line) -> None:
    """An image that the proxy has to fetch."""
    prompt = soak.prompt()
    parts = [{"type": "text", "text": prompt}, {"type": "image_url", "image_url": {"url": soak.image_url}}]
    answer = await line.ask(CHAT, {"model": MODEL, "messages": [{"role": "user", "content": parts}]})
    soak.expect("a chat with an image", _chat_text(answer), f"You said: {prompt}")


async def load(soak: Soak, minutes: float, every_s: float) -> list[Sample]:
    """All clients until the end, and what was measured meanwhile."""
    requests = iter(plan(int(minutes * 60 * MIXED_CLIENTS * 3) + 100, seed=7, rare=False))
    acts = ((leaving, 0.5), (background, 0.5), (conversation, 1.0), (conversation, 1.0), (picture, 1.0))
    async with _images() as soak.image_url:
        sampling = asyncio.ensure_future(_sample(soak, every_s))
        clients = [_client(soak, act, pause_s) for act, pause_s in acts]
        await asyncio.gather(*clients, *(_mixed_client(soak, requests) for _ in range(MIXED_CLIENTS)))
        return await sampling


async def _mixed_client(soak: Soak, requests: Iterator[Request]) -> None:
    control = Line(soak.gateway.port)

    async def act(soak: Soak, line: Line) -> None:
        await mixed(soak, line, control, next(requests))

    await _client(soak, act, 0.4)
    control.close()


async def _client(soak: Soak, act: Callable[[Soak, Line], Coroutine[Any, Any, None]], pause_s: float) -> None:
    """Act again and again, with a pause, for that is what a modest rate is."""
    line = Line(soak.proxy.port)
    while not soak.is_over():
        try:
            await act(soak, line)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError, LookupError) as error:
            soak.report.complaints.append(f"{act.__name__}: {error!r}")
            line.close()
        soak.requests += 1
        await asyncio.sleep(pause_s)
    line.close()


async def _sample(soak: Soak, every_s: float) -> list[Sample]:
    started_s = time.monotonic()
    samples: list[Sample] = []
    while not soak.is_over():
        await asyncio.sleep(every_s)
        times_ms, soak.latencies_ms = soak.latencies_ms, []
        p50, p95, p99 = (percentile(times_ms, share) for share in (0.5, 0.95, 0.99))
        taken, minute = footprint(soak.proxy.process.pid), (time.monotonic() - started_s) / 60
        samples.append(Sample(minute, soak.requests, taken.memory_mb, taken.files, p50, p95, p99))
        _tell(table(samples[-1:]).rpartition("\n")[2])
    return samples


@asynccontextmanager
async def _images() -> AsyncIterator[str]:
    """A web server with one image; its URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {len(PNG)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + PNG)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a.png"


def _text(response: dict[str, Any]) -> str:
    return "".join(part["text"] for item in response.get("output", ()) for part in item.get("content", ()))


def _chat_text(answer: Answer) -> object:
    return json.loads(answer.body)["choices"][0]["message"]["content"] if answer.status == 200 else answer.body


def main() -> int:
    """The exit code: 0 when all went well and nothing grew."""
    arguments = _arguments()
    every_s = min(60.0, max(2.0, arguments.minutes * 60 / 30))
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        store = f"sqlite:///{folder}/state.db"
        with running(Path(folder), state_url=store, **SETTINGS) as (proxy, gateway):
            soak = Soak(proxy, gateway, arguments.minutes)
            samples = asyncio.run(load(soak, arguments.minutes, every_s))
            check_log(proxy, soak.report)
            check_open(gateway, soak.report)
    found = trends(samples)
    _tell("\n".join([table(samples), *map(str, found), *soak.report.complaints[:40]]))
    _tell(f"{soak.requests} requests, {len(soak.report.complaints)} complaints")
    return 0 if all(trend.flat for trend in found) and not soak.report.complaints else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    return parser.parse_args()


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
