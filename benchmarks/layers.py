"""Where the time of a request and of a chunk goes, by layer: `python -m benchmarks.layers`.

The program runs under Python's own profiler, once for a warm-up alone and once for more; the difference is told. The
profiler makes calls of Python dearer than they are, and its clock goes on while others have the core: shares are a
hint, counts are facts. What is built in belongs to whoever calls it, writing to a connection too. What is left of the
CPU time is the event loop's in C and the kernel's. The kernel's part is told as it is without the profiler.
"""

from __future__ import annotations

import pstats
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from benchmarks import questions
from benchmarks.figures import number, table
from benchmarks.growth import spent_s
from benchmarks.processes import require
from benchmarks.streams import stream
from benchmarks.targets import Gateway, Subject, gateways, profiled, serving, this_proxy

WARM_UP, CHATS = 50, 1_500
STREAMS, CHUNKS, PACE_MS = 20, 200, 5
TOP = 15

Function: TypeAlias = tuple[str, int, str]
"""File, line and name; of built-in ones the file is `~`."""
Call: TypeAlias = tuple[int, int, float, float]
"""By one caller: calls, primitive calls, own time, time with callees."""
Profile: TypeAlias = Mapping[Function, tuple[int, int, float, float, Mapping[Function, Call]]]
"""As pstats has it: primitive calls, calls, own time, time with callees, and callers."""

LIBRARIES = ("httptools", "msgspec", "tiktoken", "jsonschema", "regex")
LOOP = ("asyncio", "uvloop", "_asyncio", "selectors", "socket", "contextvars", "_contextvars", "concurrent")
WAITING = re.compile(r"(?:runners|uvloop.__init__)\.py run|run_until_complete|of 'select\.epoll'")
"""What runs everything else, or only waits, by file and name."""
LOOP_AND_KERNEL = "event loop in C, kernel"
OTHERS = "others"
LEAST = 0.003
"""The share that is worth a row."""


class Cost(Struct, frozen=True):
    calls: float = 0
    seconds: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.calls + other.calls, self.seconds + other.seconds)


Costs: TypeAlias = Mapping[str, Cost]


def layer_of(function: Function) -> str | None:
    """Which of the proxy's folders or modules, which library, or nobody's own: a built-in function."""
    file, _, name = function
    if found := re.search(r"argo_proxy[/\\](\w+)", file):
        return found[1]
    words = set(re.split(r"[^\w]+", name if file == "~" else file))
    if library := next((library for library in LIBRARIES if library in words), None):
        return library
    if words & set(LOOP):
        return "asyncio"
    return None if file == "~" else OTHERS


def waits(function: Function) -> bool:
    return WAITING.search(f"{function[0]} {function[2]}") is not None


def grown(more: Profile, less: Profile) -> Profile:
    """The difference, of what has been called more often. All else, the start above all, differs by noise alone."""
    return {
        function: (calls - before[1], calls - before[1], own_s - before[2], 0.0, _grown_callers(callers, before[4]))
        for function, (_, calls, own_s, _, callers) in more.items()
        if calls > (before := less.get(function, (0, 0, 0.0, 0.0, {})))[1] and not waits(function)
    }


def _grown_callers(more: Mapping[Function, Call], less: Mapping[Function, Call]) -> dict[Function, Call]:
    pairs = ((caller, call, less.get(caller, (0, 0, 0.0, 0.0))) for caller, call in more.items())
    return {
        caller: (call[0] - old[0], call[1] - old[1], call[2] - old[2], 0.0)
        for caller, call, old in pairs
        if call[0] > old[0]
    }


def by_layer(profile: Profile) -> Costs:
    """Calls and own time."""
    costs: defaultdict[str, Cost] = defaultdict(Cost)
    for function, (_, calls, own_s, _, callers) in profile.items():
        if layer := layer_of(function):
            costs[layer] += Cost(calls, own_s)
            continue
        for caller, (times, _, taken_s, _) in callers.items():
            costs[layer_of(caller) or OTHERS] += Cost(times, taken_s)
    return costs


def by_function(profile: Profile) -> Costs:
    """The same of each function alone."""
    return {_place(function): Cost(calls, own_s) for function, (_, calls, own_s, _, _) in profile.items()}


def _place(function: Function) -> str:
    file, line, name = function
    return name if file == "~" else f"{'/'.join(Path(file).parts[-2:])}:{line} {name}"


def each(costs: Costs, units: int) -> Costs:
    """For one unit, the dearest first."""
    divided = {name: Cost(cost.calls / units, cost.seconds / units) for name, cost in costs.items()}
    return dict(sorted(divided.items(), key=lambda entry: -entry[1].seconds))


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
    main()
