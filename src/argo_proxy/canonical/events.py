"""A reply as it happens. Law: a stream of events obeys

    ReplyStarted (TextStarted TextDelta* PartEnded | ToolCallStarted ArgumentsDelta* PartEnded)* ReplyFinished

or any beginning of that, even none of it, followed by `ReplyFailed`. A whole answer is `collect(events)`
(canonical/collector.py): there is no second code path for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from argo_proxy.canonical.chat import FinishReason, Usage
from argo_proxy.canonical.errors import ProxyError


class ReplyStarted(Struct, frozen=True, gc=False):
    """The upstream has begun to answer."""


class TextStarted(Struct, frozen=True, gc=False):
    """A text part begins."""


class TextDelta(Struct, frozen=True, gc=False):
    """More of the open text part; never empty."""

    text: str


class ToolCallStarted(Struct, frozen=True, gc=False):
    """A call begins; its id may be empty as long as nobody has given it one."""

    call_id: str
    name: str


class ArgumentsDelta(Struct, frozen=True, gc=False):
    """More of the open call's arguments, which are JSON text; never empty."""

    text: str


class PartEnded(Struct, frozen=True, gc=False):
    """The open part is complete."""


class ReplyFinished(Struct, frozen=True, gc=False):
    """The answer is complete."""

    reason: FinishReason
    usage: Usage


class ReplyFailed(Struct, frozen=True):
    """The answer broke off; what came before must not pass for a complete answer."""

    error: ProxyError


Event: TypeAlias = (
    ReplyStarted | TextStarted | TextDelta | ToolCallStarted | ArgumentsDelta | PartEnded | ReplyFinished | ReplyFailed
)
Events: TypeAlias = Sequence[Event]
