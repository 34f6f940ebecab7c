"""What a client asks to have embedded, and the vectors it gets."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Raw, Struct

Input: TypeAlias = str | tuple[int, ...]
"""A text, or the tokens that it has in the model's own encoding."""


class EmbeddingRequest(Struct, frozen=True):
    """Inputs to embed, in the order in which their vectors come back; `dimensions` None: as many as the model has."""

    model: str | None
    inputs: tuple[Input, ...]
    dimensions: int | None = None
    timeout_s: float | None = None
    echo: object = None
    """What the dialect wants to find again when it words the answer; nobody else looks at it."""


class Embeddings(Struct, frozen=True):
    """One vector for each input: a JSON array of numbers, as ARGO wrote it."""

    vectors: tuple[Raw, ...]
    input_tokens: int
