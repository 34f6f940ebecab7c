"""To whom Python's profiler's figures are put down: to a layer of the proxy, a library, or a function alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

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
OTHERS = "others"


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
