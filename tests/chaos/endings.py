"""How a request may end, and what is told of it: the words of the table of faults and of those who read answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Right:
    """The right answer, whole; `text` where it is not the echo of the question."""

    text: str | None = None


@dataclass(frozen=True)
class Failed:
    """An error before anything was told."""

    code: str | None
    status: int = 502
    kind: str = "upstream_error"
    retry_after: str | None = None


@dataclass(frozen=True)
class Broken:
    """What had come was told, then the error, and no end. After a reset the last of it may be lost (not `exact`)."""

    code: str
    and_then: str = ""
    exact: bool = True


@dataclass(frozen=True)
class Handed:
    """ARGO's own words, passed on as they are."""

    status: int
    part: str


Ending: TypeAlias = Right | Failed | Broken | Handed


@dataclass(frozen=True)
class Told:
    """What a client has got. `end` is "complete", "cut" (no end of any kind), or "error"."""

    status: int
    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    end: str = "complete"
    code: str | None = None
    kind: str | None = None
    retry_after: str | None = None
