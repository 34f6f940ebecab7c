"""The part of ASGI 3 that the simulator speaks, as types."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypedDict


class _ScopeType(TypedDict):
    type: str


class Scope(_ScopeType, total=False):
    method: str
    path: str
    headers: list[tuple[bytes, bytes]]
    extensions: dict[str, dict[str, object]]


class _EventType(TypedDict):
    type: str


class Event(_EventType, total=False):
    body: bytes
    more_body: bool
    status: int
    headers: list[tuple[bytes, bytes]]


Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
