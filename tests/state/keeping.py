"""Responses to keep, and a clock that goes when it is told to."""

from __future__ import annotations

from argo_proxy.state import StoredResponse

KB = 1024
NOW_S = 1_000_000


class Clock:
    """Gives the Unix time that it was set to."""

    def __init__(self, now_s: float = NOW_S) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def response(
    response_id: str,
    owner: str = "",
    *,
    created_s: int = NOW_S,
    body: bytes = b"{}",
    items: bytes = b"[]",
    size: int = 0,
) -> StoredResponse:
    """`size` makes it exactly that large."""
    return StoredResponse(response_id, owner, created_s, body.ljust(size - len(items)), items)
