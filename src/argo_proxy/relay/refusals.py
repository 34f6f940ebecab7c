"""What ARGO has refused as invalid twice: the same again gets the same answer for a moment, without a call.

An agent whose loop repeats a request that cannot succeed would otherwise spend what ARGO allows to all its users. One
refusal alone may be a fault of the gateway, whose statuses are not always what they say.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

REMEMBERED_S = 5.0
MAX_REMEMBERED = 256
_ENOUGH = 2
"""Refusals, each within `REMEMBERED_S` of the one before."""
_LONGEST_BODY = 2**20
"""Longer bodies take too long to tell apart."""


class Refusal(NamedTuple):
    """An answer with another status than 200. `body` is the beginning of it, which says what there is to say."""

    status: int
    body: bytes
    content_type: bytes = b"application/octet-stream"
    retry_after: str | None = None


class Refusals:
    """Those of late, by what was refused. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[bytes, tuple[float, int, Refusal]] = {}
        """What was refused: until when that is remembered, how often it was, and how."""

    def find(self, url: str, body: bytes) -> Refusal | None:
        """What this body was answered a moment ago, and had been before."""
        self._forget_old()
        if not self._known or len(body) > _LONGEST_BODY:
            return None
        _, times, refusal = self._known.get(_digest(url, body), (0.0, 0, None))
        return refusal if times >= _ENOUGH else None

    def note(self, url: str, body: bytes, refusal: Refusal) -> None:
        """Remember it."""
        if len(body) <= _LONGEST_BODY:
            digest = _digest(url, body)
            _, times, _ = self._known.pop(digest, (0.0, 0, None))
            self._known[digest] = self._clock() + REMEMBERED_S, times + 1, refusal
            if len(self._known) > MAX_REMEMBERED:
                del self._known[next(iter(self._known))]

    def _forget_old(self) -> None:
        """The oldest come first."""
        while self._known:
            oldest = next(iter(self._known))
            if self._known[oldest][0] > self._clock():
                return
            del self._known[oldest]


def _digest(url: str, body: bytes) -> bytes:
    return blake2b(body, digest_size=16, key=url.encode()[-64:]).digest()
