"""What has to wait for the next piece of a text, because a marker may begin in this one."""

from __future__ import annotations

from collections.abc import Sequence


def overlap(text: str, markers: Sequence[str]) -> int:
    """How many characters at the end of the text may begin one of the markers."""
    return max((_overlap(text, marker) for marker in markers), default=0)


def _overlap(text: str, marker: str) -> int:
    at = text.find(marker[0], max(0, len(text) - len(marker) + 1))
    while at >= 0 and not marker.startswith(text[at:]):
        at = text.find(marker[0], at + 1)
    return len(text) - at if at >= 0 else 0
