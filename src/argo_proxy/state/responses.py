"""Responses that are kept to be read or continued later, and what a store of them is.

Laws: nobody reads, replaces or deletes what belongs to another; what is too old is not there; the oldest goes first.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from argo_proxy.canonical.errors import BadRequest


class StoredResponse(Struct, frozen=True):
    """One response with what it was asked."""

    id: str
    owner: str
    """Whom it belongs to; empty when nobody is told apart."""
    created_s: int
    """Unix time, from which its age counts."""
    body: bytes
    """The response object as JSON."""
    items: bytes
    """A JSON array: the conversation that it answered, each item with its id."""

    @property
    def size(self) -> int:
        """The bytes that count towards the limit."""
        return len(self.body) + len(self.items)


class Limits(Struct, frozen=True):
    """How much is kept: `state_max_mb` in bytes and `state_max_age_h` in seconds."""

    max_bytes: int
    max_age_s: float

    def oldest_s(self, now_s: float) -> float:
        """The Unix time before which a response is too old."""
        return now_s - self.max_age_s


class ResponseStore(Protocol):
    """Keeps responses by id and owner."""

    limits: Limits

    async def put(self, response: StoredResponse) -> None:
        """Insert a response, or replace the owner's own of that id. Raises StateError, BadRequest for one too large."""
        ...

    async def get(self, response_id: str, owner: str) -> StoredResponse | None:
        """None when it was never there, is gone, or belongs to another. Raises StateError."""
        ...

    async def delete(self, response_id: str, owner: str) -> bool:
        """Whether it was there. Raises StateError."""
        ...

    def close(self) -> None:
        """Give back what the store holds; it is of no use afterwards."""
        ...


def check_size(size: int, limits: Limits) -> None:
    """Raises BadRequest 413 for what has no room even in an empty store."""
    if size > limits.max_bytes:
        message = (
            f"the response and its conversation take {_mib(size)}, more than may be stored at all"
            f" ({_mib(limits.max_bytes)}); send `store: false`, or raise `state_max_mb`"
        )
        raise BadRequest(message, status=413, code="response_too_large")


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
