"""From what was measured in several rounds to a table: medians, and ratios within a round, which no drift touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import TypeAlias

from msgspec import Struct

Rounds: TypeAlias = Mapping[str, Mapping[str, Sequence[float]]]
"""The values of a figure, by target, one for each round."""
NOTHING = "-"


class Point(Struct, frozen=True):
    """What so many units cost, all together, in seconds of CPU time; `size` is what grows."""

    size: int
    units: float
    cpu_s: float

    @property
    def unit_us(self) -> float:
        return self.cpu_s * 1e6 / self.units


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """The median of what is ours / theirs in each round; nothing if theirs is nothing."""
    pairs = [one / other for one, other in zip(ours, theirs, strict=True) if other]
    return median(pairs) if pairs else None


def comparison(rounds: Rounds, limit: str) -> str:
    """A row for each figure: the medians of all targets, and the ratios of the others to the `limit`."""
    names = list(dict.fromkeys(name for values in rounds.values() for name in values))
    others = [name for name in names if name != limit]
    head = ["figure (median)", *names, *(f"{name} / {limit}" for name in others)]
    return table(head, [_row(figure, values, names, limit) for figure, values in rounds.items()])


def _row(figure: str, values: Mapping[str, Sequence[float]], names: Sequence[str], limit: str) -> list[str]:
    medians = [number(median(values[name])) if values.get(name) else NOTHING for name in names]
    ratios = [_ratio_to(values, name, limit) for name in names if name != limit]
    return [figure, *medians, *ratios]


def _ratio_to(values: Mapping[str, Sequence[float]], name: str, limit: str) -> str:
    share = ratio(values[name], values[limit]) if values.get(name) and values.get(limit) else None
    return NOTHING if share is None else f"{share:.2f}"


def growth(what: str, unit: str, points: Sequence[Point]) -> str:
    """A row for each size. Where the last column stays above 1, cost grows faster than what it is for."""
    first = points[0]
    before = [first, *points]
    rows = [
        [
            f"{point.size:,}",
            number(point.unit_us),
            f"{point.unit_us / first.unit_us:.2f}",
            f"{point.unit_us / last.unit_us:.2f}",
        ]
        for point, last in zip(points, before, strict=False)
    ]
    return table([what, f"CPU, µs a {unit}", "/ first", "/ row before"], rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """In Markdown."""
    first, *rest = (f"| {' | '.join(cells)} |" for cells in (head, *rows))
    return "\n".join([first, "|" + "---|" * len(head), *rest])


def number(value: float) -> str:
    """With as many digits as mean something: three, of which none is cut before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
