"""The program as it comes, and with what changes which call of ARGO's a request leads to, or who makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.chaos.faults import BIG_MB, STREAMED, WHOLE
from tests.chaos.kinds import KINDS, Kind


@dataclass(frozen=True)
class Mode:
    """`share` is its part of all requests; `rare`: with those that take long.

    Memory may grow by `more_mb` once all is warm.
    """

    flags: Sequence[str]
    kinds: Sequence[Kind]
    share: float
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    rare: bool = False
    more_mb: int = 24


def _pseudo(kind: Kind) -> Kind:
    """Every stream waits for a whole answer."""
    return replace(kind, hit=WHOLE, held=True) if kind.hit == STREAMED else kind


def _in_words(kind: Kind) -> Kind:
    """Tools are words of the prompt, so that a stream with them is one of ARGO's, too."""
    if not kind.calls:
        return kind
    return replace(kind, in_words=True, held=False, hit=STREAMED if kind.held else WHOLE)


MODES: Mapping[str, Mode] = {
    "as it comes": Mode((), KINDS, 0.53),
    "very long answers": Mode((), KINDS, 0.02, rare=True, more_mb=6 * BIG_MB),  # if each stayed, it were more
    "streams in appearance": Mode(("--pseudo-stream",), [_pseudo(kind) for kind in KINDS], 0.15),
    "tools in words": Mode(("--tool-prompting",), [_in_words(kind) for kind in KINDS], 0.15),
    "two processes": Mode((), KINDS, 0.15, {"workers": 2, "state_url": "sqlite:///~/state.db"}),
}
