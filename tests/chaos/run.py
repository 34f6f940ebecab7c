"""A run: requests of every kind, many at a time, each hit by a fault of its own, against the real program."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from tests.chaos.faults import FAULTS, NOTHING, Fault
from tests.chaos.judge import RETRIES, Request, count_verdict, verdict
from tests.chaos.kinds import FAMILIES, KINDS, Kind
from tests.chaos.line import Line
from tests.integration.proxying import Proxy, proxying
from tests.simulator.running import Gateway, start

AT_ONCE = 64
LIMIT_S = 60.0
IMPATIENT = 0.1
"""Of the clients; they leave before long, wherever their request is then."""
LONGEST_PATIENCE_S = 0.5
TURNS = 24
"""Calls at a time: fewer than there are requests, so that one that is never given back is missed in the end."""
SETTINGS: dict[str, object] = {"upstream_idle_timeout_s": 3.0, "retries": RETRIES, "max_concurrency": TURNS}
FILLINGS = ("", "é日🚀 " * 5, "word " * 40, "日本語" * 30, 'a\u0301 and \\ and " and </b> ' * 4)
NUMBER = re.compile(r"#(\d+);")


@dataclass
class Report:
    """`complaints` is empty when all is well; `left` counts clients that left, and `endings` requests by fault."""

    complaints: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left: int = 0
    endings: Counter[str] = field(default_factory=Counter)


def plan(count: int, seed: int, *, rare: bool, kinds: Sequence[Kind] = KINDS) -> list[Request]:
    """So many requests in an order of chance: every fault with every kind in turn, and a quarter without any."""
    chance = random.Random(seed)
    pairs = _pairs(chance, kinds)
    chosen = [pair for pair in pairs if pair[0].rare] if rare else []
    chosen += islice(cycle([pair for pair in pairs if not pair[0].rare]), count * 3 // 4)
    chosen += islice(cycle([(NOTHING, kind) for kind in kinds]), count - len(chosen))
    chance.shuffle(chosen)
    return [
        Request(number, kind, fault, chance.choice(FAMILIES), chance.choice(FILLINGS), _patience_s(chance))
        for number, (fault, kind) in enumerate(chosen, 1)
    ]


def _patience_s(chance: random.Random) -> float | None:
    return chance.uniform(0, LONGEST_PATIENCE_S) if chance.random() < IMPATIENT else None


def _pairs(chance: random.Random, kinds: Sequence[Kind]) -> list[tuple[Fault, Kind]]:
    """Each fault with a kind that it can hit, then each with another one, until all have been."""
    rounds: list[tuple[int, Fault, Kind]] = []
    for fault in FAULTS:
        hit = [kind for kind in kinds if kind.hit in fault.hits]
        chance.shuffle(hit)
        rounds += [(turn, fault, kind) for turn, kind in enumerate(hit)]
    return [(fault, kind) for _, fault, kind in sorted(rounds, key=lambda each: each[0])]


@contextmanager
def running(folder: Path, *flags: str, **settings: object) -> Generator[tuple[Proxy, Gateway]]:
    """The real program and a simulator that knows all faults, each in a process of its own."""
    process, line = start()
    try:
        gateway = Gateway(int(line.rsplit(":", 1)[1]))
        gateway.script(*(act for fault in FAULTS for act in fault.acts))
        with proxying(folder, f"http://127.0.0.1:{gateway.port}", *flags, **{**SETTINGS, **settings}) as proxy:
            yield proxy, gateway
    finally:
        process.terminate()
        process.communicate(timeout=10)


async def play(requests: Sequence[Request], proxy: Proxy, gateway: Gateway, report: Report) -> None:
    """Make all requests, `AT_ONCE` at a time, and judge how each ended."""
    queue, big = iter(requests), asyncio.Lock()

    async def work() -> None:
        line, control = Line(proxy.port), Line(gateway.port)
        for request in queue:
            if request.fault.rare:
                async with big:
                    await play_one(request, line, control, report)
            else:
                await play_one(request, line, control, report)
        line.close()
        control.close()

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def play_one(request: Request, line: Line, control: Line, report: Report) -> None:
    """Make one request and judge how it ended."""
    report.endings[request.fault.name] += 1
    if request.fault.passing:
        await control.ask("/_simulator/script", {"match": f"#{request.number};", "times": 1, **request.fault.act})
    try:
        answer = await asyncio.wait_for(line.ask(request.kind.path, request.body), request.patience_s or LIMIT_S)
    except asyncio.TimeoutError:
        line.close()
        report.left += 1
        if request.patience_s is None:
            report.complaints.append(f"#{request.number} {request.kind.name}, {request.fault.name}: no end")
        return
    if complaint := verdict(request, request.kind.read(answer)):
        report.complaints.append(complaint)


def count_calls(requests: Sequence[Request], gateway: Gateway, report: Report) -> None:
    """Judge how often the gateway was called for each request."""
    calls: Counter[int] = Counter()
    for record in gateway.received():
        calls.update(int(number) for number in NUMBER.findall(json.dumps(record["body"])[:2000])[:1])
    for request in requests:
        if complaint := count_verdict(request, calls[request.number]):
            report.complaints.append(complaint)


def check_open(gateway: Gateway, report: Report) -> None:
    """No call may be left under way; the gateway sees a client leave at once, or nearly so."""
    looks = (gateway.ask("GET", "/_simulator/stats").json["open"] for _ in range(200))
    if all(looks):
        report.complaints.append("calls are still under way, for which nobody waits")


def check_log(proxy: Proxy, report: Report) -> None:
    """No fault of the proxy itself may have been logged."""
    if (at := proxy.log.text.find("Traceback")) >= 0:
        report.complaints.append(f"a traceback in the log: {proxy.log.text[at : at + 2000]}")
