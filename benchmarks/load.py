"""What the proxy bears: many streams, clients that do not read, idle and leaving ones, and large requests beside small.

The program and the simulator each run in a process of their own; figures are printed, and what must hold is asserted.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.integration.proxying import CHAT, Proxy, chat_bytes, dechunked, frames, proxying, said, text_of
from tests.simulator.running import Gateway, start

STREAMS = 500
UNREAD, IDLE, LEAVING = 50, 1000, 100
SMALL = 400
BIG_TEXT = "NUMBER " + "NUMBER words of a long text that has to be counted anew each time. " * 6_000
"""About 100,000 tokens."""
END = b"\r\n0\r\n\r\n"
MIB = 2**20


class Scene(NamedTuple):
    proxy: Proxy
    gateway: Gateway


@asynccontextmanager
async def connected(proxy: Proxy) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port, limit=64 * MIB)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def streams(scene: Scene) -> str:
    """Every byte of every stream is accounted for."""
    texts = [f"<{number}> " + f"{number} é日🚀 " * 60 for number in range(STREAMS)]

    async def one(text: str) -> bytes:
        async with connected(scene.proxy) as (reader, writer):
            writer.write(chat_bytes(said(text, stream=True)))
            return dechunked(await reader.readuntil(END))

    began_s = time.perf_counter()
    bodies = await asyncio.gather(*map(one, texts))
    took_s = time.perf_counter() - began_s
    for text, body in zip(texts, bodies, strict=True):
        assert text_of(frames(body)) == f"You said: {text}"
        assert body.count(b"[DONE]") == body.count(b'"finish_reason":"stop"') == 1
    chunks = sum(body.count(b"data: ") for body in bodies)
    return f"{STREAMS} streams at once: {chunks} chunks in {took_s:.1f} s, none lost, doubled or mixed up"


async def unread(scene: Scene) -> str:
    """A client that reads nothing of a stream that has no end holds its call back, and little memory."""
    scene.gateway.script({"match": "unread", "big_body_mb": 16, "times": UNREAD})
    before = scene.proxy.resident_bytes()
    opened = [scene.proxy.raw(said("unread", stream=True), receive_buffer=4096) for _ in range(UNREAD)]
    for _ in range(60):
        await small(scene.proxy, 5)
    grown = scene.proxy.resident_bytes() - before
    still_open = scene.gateway.ask("GET", "/_simulator/stats").json["open"]
    for one in opened:
        one.close()
    assert still_open == UNREAD
    assert grown < UNREAD * MIB
    return f"{UNREAD} clients that read nothing: {grown / UNREAD / 1024:.0f} KiB each"


async def idle(scene: Scene) -> str:
    """Connections on which nothing happens."""
    alone = await small(scene.proxy, SMALL)
    before = scene.proxy.resident_bytes()
    writers = [(await asyncio.open_connection("127.0.0.1", scene.proxy.port))[1] for _ in range(IDLE)]
    beside = await small(scene.proxy, SMALL)
    grown = scene.proxy.resident_bytes() - before
    for writer in writers:
        writer.close()
    return f"{IDLE} idle connections: {grown / IDLE / 1024:.1f} KiB each; small requests {alone} without, {beside} with"


async def leaving(scene: Scene) -> str:
    """From a client's leaving to the end of its call at the gateway."""
    late_ms: list[float] = []
    for number in range(LEAVING):
        scene.gateway.ask("POST", "/_simulator/reset")
        scene.gateway.script({"stall": "before_headers"} if number % 2 else {"pieces": ["a", "b"], "stall": "mid_body"})
        with scene.proxy.raw(said("leaving", stream=number % 4 < 2)):
            await until(lambda: scene.gateway.ask("GET", "/_simulator/stats").json["open"] == 1)
            left_s = time.monotonic()
        await until(lambda: scene.gateway.ask("GET", "/_simulator/stats").json["client_left"] == 1)
        late_ms.append((scene.gateway.received()[0]["ended_s"] - left_s) * 1000)
    assert max(late_ms) < 100
    late_ms.sort()
    return f"{LEAVING} of {LEAVING} calls left: ended after {late_ms[LEAVING // 2]:.1f} ms, {late_ms[-1]:.1f} at most"


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 (each look is a request)
        await asyncio.sleep(0)


async def beside_large(scene: Scene, path: str, body: dict[str, Any]) -> str:
    """Small requests while one client sends large ones, one after the other."""
    alone = await small(scene.proxy, SMALL)
    large = asyncio.ensure_future(again_and_again(scene.proxy, path, body))
    await asyncio.sleep(0.5)
    beside = await small(scene.proxy, SMALL)
    large.cancel()
    count = (await asyncio.gather(large, return_exceptions=True))[0]
    return f"{count} times; small requests {alone} without, {beside} with"


async def again_and_again(proxy: Proxy, path: str, body: dict[str, Any]) -> int:
    """Each is another one, or its tokens would be known; what is sent is made before, or it would hold up this loop."""
    data, count = chat_bytes(body, path), 0
    try:
        async with connected(proxy) as (reader, writer):
            while True:
                writer.write(data.replace(b"NUMBER", b"%06d" % count))
                head = await reader.readuntil(b"\r\n\r\n")
                assert b" 200 OK" in head, head
                await (reader.readuntil(END) if b"chunked" in head else reader.readexactly(length_in(head)))
                count += 1
    except asyncio.CancelledError:
        return count


def length_in(head: bytes) -> int:
    return int(head.partition(b"content-length: ")[2].partition(b"\r")[0])


async def small(proxy: Proxy, count: int) -> str:
    """Median and 99th percentile of as many small requests, one after the other."""
    took_ms: list[float] = []
    async with connected(proxy) as (reader, writer):
        for _ in range(count):
            began_s = time.perf_counter()
            writer.write(chat_bytes(said("small")))
            await reader.readexactly(length_in(await reader.readuntil(b"\r\n\r\n")))
            took_ms.append((time.perf_counter() - began_s) * 1000)
    took_ms.sort()
    return f"{took_ms[count // 2]:.2f} ms (99 %: {took_ms[count * 99 // 100]:.1f}, most: {took_ms[-1]:.1f})"


PARAMETERS = {"type": "object", "properties": {f"p{at}": {"type": "string"} for at in range(20)}}
TOOLS = [{"type": "function", "function": {"name": f"f{at}", "parameters": PARAMETERS}} for at in range(100)]
LARGE: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("100k tokens to chat", CHAT, said(BIG_TEXT)),
    ("100k tokens to Claude, streamed", CHAT, said(BIG_TEXT, "argo:claude-sonnet-4", stream=True)),
    ("100k tokens to responses", "/v1/responses", {"model": "argo:gpt-4o", "input": BIG_TEXT}),
    ("100k tokens passed on", "/v1/chat", said(BIG_TEXT, "gpt4o")),
    ("100 tools for Gemini", CHAT, said("NUMBER", "argo:gemini-2.5-pro", tools=TOOLS)),
)
MEASURES: tuple[Callable[[Scene], Coroutine[object, object, str]], ...] = (idle, streams, unread, leaving)


async def measure(scene: Scene) -> None:
    assert scene.proxy.ask("POST", CHAT, said("warm up")).status == 200
    for one in MEASURES:
        tell(await one(scene))
    for name, path, body in LARGE:
        tell(f"{name}: {await beside_large(scene, path, body)}")


def tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 (what it is for)


def main() -> None:
    process, line = start()
    gateway = Gateway(int(line.rsplit(":", 1)[1]))
    try:
        url = f"http://127.0.0.1:{gateway.port}"
        with tempfile.TemporaryDirectory() as folder, proxying(Path(folder), url) as proxy:
            asyncio.run(measure(Scene(proxy, gateway)))
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
