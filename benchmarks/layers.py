"""Where the time of a request and of a chunk goes, by layer: `python -m benchmarks.layers`.

The program runs under Python's own profiler, once for a warm-up alone and once for more; the difference is told. The
profiler makes calls of Python dearer than they are, and its clock goes on while others have the core: shares are a
hint, counts are facts. What is built in belongs to whoever calls it, writing to a connection too. What is left of the
CPU time is the event loop's in C and the kernel's. The kernel's part is told as it is without the profiler. It is the
sources that run: within compiled modules the profiler sees nothing.
"""

from __future__ import annotations

import pstats
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from benchmarks import questions
from benchmarks.attribution import Cost, Costs, Profile, by_function, by_layer, each, grown
from benchmarks.figures import number, table
from benchmarks.growth import spent_s
from benchmarks.processes import require
from benchmarks.pure import run_sources
from benchmarks.streams import stream
from benchmarks.targets import Gateway, Subject, gateways, profiled, serving, this_proxy

WARM_UP, CHATS = 50, 1_500
STREAMS, CHUNKS, PACE_MS = 20, 200, 5
TOP = 15
LOOP_AND_KERNEL = "event loop in C, kernel"
LEAST = 0.003
"""The share that is worth a row."""


def with_rest(costs: Costs, cpu_s: float) -> Costs:
    """What is left of all CPU time of a unit is a row of its own."""
    return {**costs, LOOP_AND_KERNEL: Cost(0, cpu_s - sum(cost.seconds for cost in costs.values()))}


def shown(what: str, costs: Costs, cpu_s: float) -> str:
    """Beside all CPU time of a unit."""
    rows = [
        [name, number(cost.calls), number(cost.seconds * 1e6), f"{cost.seconds / cpu_s:.0%}"]
        for name, cost in costs.items()
        if cost.seconds / cpu_s > LEAST
    ]
    return table([what, "calls", "µs, profiled", "share"], rows)


class Work(Struct, frozen=True):
    """What is profiled, in so many units."""

    name: str
    units: int
    do: Callable[[Subject], None]


def chat(subject: Subject) -> None:
    spent_s(subject, [questions.chat(raw=False)] * CHATS)


def chunks(subject: Subject) -> None:
    taken = stream(subject.port, questions.stream(CHUNKS, PACE_MS, raw=False), STREAMS, 1)
    if taken.wrong:
        raise SystemExit(f"{taken.wrong} of {taken.streams} streams were wrong")


WORKS = (Work("a chat request", CHATS, chat), Work("a chunk of a stream", STREAMS * CHUNKS, chunks))


def profile(work: Callable[[Subject], None], gateway: Gateway, folder: Path) -> tuple[Profile, float]:
    """What the profiler saw from start to end, and the CPU time of the work alone."""
    out = folder / "profile"
    with serving(profiled(out), gateway, folder) as subject:
        spent_s(subject, [questions.chat(raw=False)] * WARM_UP)
        before_s = subject.session.cpu_s()
        work(subject)
        cpu_s = subject.session.cpu_s() - before_s
    return vars(pstats.Stats(str(out)))["stats"], cpu_s


def without_profiler(work: Work, gateway: Gateway, folder: Path) -> str:
    with serving(this_proxy(), gateway, folder) as subject:
        spent_s(subject, [questions.chat(raw=False)] * WARM_UP)
        before = subject.session.user_and_system_s()
        work.do(subject)
        user_s, system_s = (after - one for after, one in zip(subject.session.user_and_system_s(), before, strict=True))
    user_us, system_us = user_s * 1e6 / work.units, system_s * 1e6 / work.units
    return f"Without the profiler {work.name} takes {number(user_us)} µs, and {number(system_us)} µs in the kernel."


def main() -> None:
    require("nginx")
    with tempfile.TemporaryDirectory() as name, gateways(Path(name) / "gateway") as gateway:
        folder = Path(name) / "proxy"
        idle, _ = profile(lambda _: None, gateway, folder)
        for work in WORKS:
            seen, cpu_s = profile(work.do, gateway, folder)
            more = grown(seen, idle)
            layers = with_rest(each(by_layer(more), work.units), cpu_s / work.units)
            functions = dict(list(each(by_function(more), work.units).items())[:TOP])
            told = (
                without_profiler(work, gateway, folder),
                shown(work.name, layers, cpu_s / work.units),
                shown(f"{work.name}, dearest functions", functions, cpu_s / work.units),
            )
            sys.stdout.write("\n\n".join(told) + "\n\n")


if __name__ == "__main__":
    run_sources()
    main()
