"""How many calls a request and a chunk of a stream cost: counted, so that no clock, load or machine is in it.

Calls of the proxy's own functions, and those of built-in ones that it makes itself; the event loop's are not counted.
It is the sources that run, not what is compiled of them: fewer calls cost less in both.

    python -m benchmarks.calls            what they are now, beside the budget; fails if it is exceeded
    python -m benchmarks.calls --write    make that the budget
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from types import FrameType

import msgspec
from msgspec import Struct

import argo_proxy
from benchmarks.lockstep import CHUNK, END, INPUTS, Gateway, answer_to, head_of, request, serving
from benchmarks.pure import run_sources

BUDGET = Path(__file__).parent / "budget.json"
SOURCE = str(Path(argo_proxy.__file__).parent)
WARM_UP, TIMES = 5, 21
MORE, LESS = 1.1, 0.75
"""How far a count may be from its budget. One that has become much too wide guards nothing."""
TURNS = 20
"""Of the loop, after which nothing is left to do."""
COMPREHENSIONS = ("<listcomp>", "<dictcomp>", "<setcomp>")
"""Are calls up to Python 3.11, and part of their function from 3.12 on."""

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Tell me of a quick brown fox."}]
CHAT = {"model": "argo:gpt-4o", "messages": MESSAGES, "temperature": 0.7, "max_tokens": 512}
STREAM = {**CHAT, "stream": True}
EMBED = {"model": "argo:text-embedding-3-small", "input": ["some words"] * INPUTS, "encoding_format": "float"}


class Calls(Struct, frozen=True):
    """Of the proxy's own functions, and of built-in ones by it."""

    own: float
    built_in: float


class Meter:
    """Counts the calls of this thread that are made in files of a folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._own = self._built_in = 0

    async def of(self, step: Callable[[], Awaitable[None]]) -> Calls:
        """What one step takes, to the last of its consequences."""
        self._own = self._built_in = 0
        sys.setprofile(self._see)
        try:
            await step()
            for _ in range(TURNS):
                await asyncio.sleep(0)
        finally:
            sys.setprofile(None)
        return Calls(self._own, self._built_in)

    async def usually(self, step: Callable[[], Awaitable[None]]) -> Calls:
        """The middle of many times, so that what a timer does once is not in it."""
        counted = [await self.of(step) for _ in range(WARM_UP + TIMES)][WARM_UP:]
        return Calls(median(one.own for one in counted), median(one.built_in for one in counted))

    def _see(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if not code.co_filename.startswith(self._folder) or code.co_name in COMPREHENSIONS:
            return
        if event == "call":
            self._own += 1
        elif event == "c_call":
            self._built_in += 1


async def whole(port: int, meter: Meter, asked: bytes) -> Calls:
    """Of a request with a whole answer, on a connection that is kept."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def step() -> None:
        writer.write(asked)
        assert b'"usage"' in await answer_to(reader)

    counted = await meter.usually(step)
    writer.close()
    return counted


async def stream(port: int, meter: Meter, gateway: Gateway) -> Calls:
    """Of a stream of one chunk, from the request to the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def step() -> None:
        writer.write(request("chat/completions", STREAM))
        gateway.send_chunk()
        gateway.end_stream()
        assert await head_of(reader)
        assert CHUNK in await reader.readuntil(END)

    counted = await meter.usually(step)
    writer.close()
    return counted


async def chunk(port: int, meter: Meter, gateway: Gateway) -> Calls:
    """Of a chunk in the middle of a stream."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request("chat/completions", STREAM))

    async def step() -> None:
        gateway.send_chunk()
        while CHUNK not in await reader.read(65_536):
            pass

    counted = await meter.usually(step)
    gateway.end_stream()
    await reader.readuntil(END)
    writer.close()
    return counted


async def count() -> dict[str, Calls]:
    """What each of them takes now."""
    meter = Meter(SOURCE)
    async with serving() as (port, gateway):
        return {
            "chat": await whole(port, meter, request("chat/completions", CHAT)),
            "stream": await stream(port, meter, gateway),
            "chunk": await chunk(port, meter, gateway),
            "embeddings": await whole(port, meter, request("embeddings", EMBED)),
        }


def complaints(counted: dict[str, Calls], budget: dict[str, Calls]) -> list[str]:
    """One for each count that is beyond its budget, or has left it far behind."""
    found: list[str] = []
    for name, now in counted.items():
        for kind in Calls.__struct_fields__:
            share = getattr(now, kind) / getattr(budget[name], kind)
            if share > MORE:
                found.append(f"{name}: {share:.2f} times the {kind} calls of the budget")
            elif share < LESS:
                found.append(f"{name}: only {share:.2f} times the {kind} calls: narrow the budget with --write")
    return found


def table(counted: dict[str, Calls], budget: dict[str, Calls]) -> str:
    rows = [
        f"| {name} | {now.own:g} | {budget[name].own:g} | {now.built_in:g} | {budget[name].built_in:g} |"
        for name, now in counted.items()
    ]
    return "\n".join(["| calls of a | own | budget | built-in | budget |", "|---|---|---|---|---|", *rows])


def main() -> int:
    """The exit code: 1 when the budget does not fit."""
    counted = asyncio.run(count())
    if "--write" in sys.argv:
        BUDGET.write_bytes(msgspec.json.format(msgspec.json.encode(counted)) + b"\n")
    budget = msgspec.json.decode(BUDGET.read_bytes(), type=dict[str, Calls])
    found = complaints(counted, budget)
    sys.stdout.write("\n".join([table(counted, budget), *found]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    run_sources()
    sys.exit(main())
