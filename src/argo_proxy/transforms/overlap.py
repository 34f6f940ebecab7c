"""What has to wait for the next piece of a text, because a marker may begin in this one."""

from __future__ import annotations

from collections.abc import Sequence


def overlap(text: str, markers: Sequence[str]) -> int:
    """How many characters at the end of the text may begin one of the markers."""
    return max((_overlap(text, marker) for marker in markers), default=0)


def _overlap(text: str, marker: str) -> int:
    longest = min(len(text), len(marker) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(marker[:size])), 0)
