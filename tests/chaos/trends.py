"""Whether what is measured in the course of time stays as it is: the line that fits most of it, and its rise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

WARM_UP = 0.25
"""Of the samples, while caches and pools fill."""


@dataclass(frozen=True)
class Sample:
    """At one moment; the latencies are those of the requests since the one before."""

    minute: float
    requests: int
    memory_mb: float
    files: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Trend:
    """How far something rises from the beginning to the end, by the line that fits most, and how far it may."""

    name: str
    first: float
    rise: float
    allowed: float

    @property
    def flat(self) -> bool:
        return self.rise <= self.allowed

    def __str__(self) -> str:
        verdict = "flat" if self.flat else "NOT FLAT"
        return f"{self.name}: {self.first:.1f} {self.rise:+.2f} (allowed {self.allowed:+.2f}): {verdict}"


def trends(samples: Sequence[Sample]) -> tuple[Trend, ...]:
    """Of memory, open files and the middle latency, once it is warm."""
    warm = samples[int(len(samples) * WARM_UP) :]
    minutes = [sample.minute for sample in warm]
    return (
        _trend("memory, MiB", minutes, [sample.memory_mb for sample in warm], least=3, share=0.03),
        _trend("open files", minutes, [float(sample.files) for sample in warm], least=8, share=0),
        _trend("median latency, ms", minutes, [sample.p50_ms for sample in warm], least=2, share=0.5),
    )


def table(samples: Sequence[Sample]) -> str:
    """As Markdown."""
    head = "| minute | requests | memory, MiB | open files | p50, ms | p95, ms | p99, ms |"
    rows = (
        f"| {each.minute:.1f} | {each.requests} | {each.memory_mb:.1f} | {each.files} "
        f"| {each.p50_ms:.1f} | {each.p95_ms:.1f} | {each.p99_ms:.1f} |"
        for each in samples
    )
    return "\n".join([head, "|---" * 7 + "|", *rows])


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of all lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """The median of the slopes between any two points, on which a burst of noise has no weight."""
    points = list(zip(xs, ys, strict=True))
    slopes = [(y - before_y) / (x - before_x) for (before_x, before_y), (x, y) in combinations(points, 2)]
    return median(slopes) if slopes else 0.0


def _trend(name: str, xs: Sequence[float], ys: Sequence[float], *, least: float, share: float) -> Trend:
    rise = slope(xs, ys) * (xs[-1] - xs[0])
    middle = median(ys)
    return Trend(name, middle - rise / 2, rise, max(least, middle * share))
