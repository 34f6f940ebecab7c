"""What sits around the hub: the shapes that a dialect, an upstream and a transform must have.

A dialect and an upstream are modules of plain functions; whatever has state is a small feed/finish object.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

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


RequestTransform: TypeAlias = Callable[[ChatRequest, ModelCard], ChatRequest]


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
