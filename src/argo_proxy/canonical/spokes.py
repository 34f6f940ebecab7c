"""What sits around the hub: the shapes that a dialect, an upstream and a transform must have.

A dialect and an upstream are modules of plain functions; whatever has state is a small feed/finish object.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from msgspec import Struct

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Reply
from argo_proxy.canonical.errors import ProxyError
from argo_proxy.canonical.events import Event, Events


class Decoder(Protocol):
    """Turns the bytes of one upstream answer into events, however they are cut."""

    def feed(self, data: bytes) -> Events: ...

    def finish(self) -> Events:
        """The events that only the end of the answer brings; the last is ReplyFinished or ReplyFailed."""
        ...


class Upstream(Protocol):
    """One wire shape of ARGO."""

    def encode(self, request: ChatRequest, card: ModelCard, user: str) -> bytes:
        """The body of the upstream call."""
        ...

    def decode_whole(self) -> Decoder:
        """A decoder for the answer of a whole call."""
        ...

    def decode_stream(self) -> Decoder:
        """A decoder for the answer of a streamed call."""
        ...


class Stage(Protocol):
    """The reply side of a transform: passes events on, changed or not; ends exactly when its input ends."""

    def feed(self, event: Event) -> Events: ...


StageMaker: TypeAlias = Callable[[], Stage]
"""Stages have state, so every answer gets one of its own."""


class Mismatch(Exception):
    """The model's answer is not what the request insists on; `complaint` tells the model what to do better."""

    def __init__(self, error: ProxyError, complaint: str) -> None:
        super().__init__(error.message)
        self.error = error
        self.complaint = complaint


Check: TypeAlias = Callable[[Reply], Reply]
"""The whole reply as the client may have it. Raises Mismatch for one that it must not have."""


class Transformed(Struct, frozen=True, gc=False):
    """A request with what is done to its reply, if anything is."""

    request: ChatRequest
    stage: StageMaker | None = None
    check: Check | None = None


Transform: TypeAlias = Callable[[ChatRequest, ModelCard], Transformed]


class Renderer(Protocol):
    """Writes a streamed reply in a dialect: the bytes to send for each event of each choice."""

    def feed(self, choice: int, event: Event) -> bytes: ...

    def finish(self) -> bytes:
        """What ends the stream after every choice has finished."""
        ...


class Dialect(Protocol):
    """One API that clients speak."""

    def parse(self, body: bytes) -> ChatRequest:
        """The request in canonical form. Raises BadRequest."""
        ...

    def render_whole(self, request: ChatRequest, replies: Sequence[Reply], reply_id: str, created_s: int) -> bytes:
        """The body of a whole answer, one reply for each choice."""
        ...

    def render_stream(self, request: ChatRequest, reply_id: str, created_s: int) -> Renderer:
        """A renderer for a streamed answer."""
        ...

    def render_error(self, error: ProxyError) -> bytes:
        """The body of an error answer."""
        ...
