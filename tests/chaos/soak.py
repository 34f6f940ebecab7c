"""`python -m tests.chaos.soak`: some requests a second of every kind for a long time; does anything grow?

Faults of every kind, clients that leave, responses in the background and in conversations kept in SQLite, image links.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.chaos.clients import Soak, background, conversation, leaving, mixed, picture
from tests.chaos.footprint import footprint
from tests.chaos.judge import Request
from tests.chaos.line import Line
from tests.chaos.run import check_log, check_open, plan, running
from tests.chaos.trends import Sample, percentile, table, trends

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MIXED_CLIENTS = 10
MIXED_PAUSE_S = 0.4
CLIENTS = ((leaving, 0.5), (background, 0.5), (conversation, 1.0), (conversation, 1.0), (picture, 1.0))
"""What the others do, and the pause after it in seconds."""
SETTINGS: dict[str, object] = {"allow_private_images": True, "state_max_mb": 8, "keep_alive_s": 5}


async def load(soak: Soak, minutes: float, every_s: float) -> list[Sample]:
    """All clients until the end, and what was measured meanwhile."""
    requests = iter(plan(int(minutes * 60 * MIXED_CLIENTS * 3) + 100, seed=7, rare=False))
    async with _images() as soak.image_url:
        sampling = asyncio.ensure_future(_sample(soak, every_s))
        clients = [_client(soak, act, pause_s) for act, pause_s in CLIENTS]
        await asyncio.gather(*clients, *(_mixed_client(soak, requests) for _ in range(MIXED_CLIENTS)))
        return await sampling


async def _mixed_client(soak: Soak, requests: Iterator[Request]) -> None:
    control = Line(soak.gateway.port)

    async def act(soak: Soak, line: Line) -> None:
        await mixed(soak, line, control, next(requests))

    await _client(soak, act, MIXED_PAUSE_S)
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
async def _images() -> AsyncGenerator[str]:
    """A web server with one image; its URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {len(PNG)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + PNG)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a.png"


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
