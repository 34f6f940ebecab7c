"""A request on its way to ARGO: as its model takes it, and as it is sent."""

from __future__ import annotations

from msgspec import Struct

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest
from argo_proxy.canonical.embeddings import EmbeddingRequest
from argo_proxy.canonical.spokes import Check, StageMaker


class Shaped(Struct, frozen=True, gc=False):
    """A request as its model takes it, what its reply passes through, and what the reply has to fulfil."""

    request: ChatRequest
    card: ModelCard
    stages: tuple[StageMaker, ...] = ()
    checks: tuple[Check, ...] = ()


class Prepared(Struct, frozen=True, gc=False):
    """A request that is ready to be sent: to which model, by which kind of call, in which bytes."""

    request: ChatRequest
    card: ModelCard
    caller: Caller
    streamed: bool
    body: bytes
    stages: tuple[StageMaker, ...] = ()
    checks: tuple[Check, ...] = ()
    """Where there are any, the reply has to be whole before any of it may be told."""


class PreparedEmbedding(Struct, frozen=True):
    """Texts that are ready to be sent, and how many tokens they are."""

    request: EmbeddingRequest
    card: ModelCard
    caller: Caller
    texts: tuple[str, ...]
    tokens: int
