"""What a client asks to have embedded, and the vectors it gets."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

Input: TypeAlias = str | tuple[int, ...]
"""A text, or the tokens that it has in the model's own encoding."""

Text: TypeAlias = bytes | memoryview
"""Bytes, or a part of them that was not worth a copy."""


class EmbeddingRequest(Struct, frozen=True):
    """Inputs to embed, in the order in which their vectors come back; `dimensions` None: as many as the model has."""

    model: str | None
    inputs: tuple[Input, ...]
    dimensions: int | None = None
    timeout_s: float | None = None
    packed: bool = False
    """Whether the vectors are wanted as 4-byte floats, the lowest byte first, in place of JSON."""


class Embeddings(Struct, frozen=True):
    """One vector for each input: a JSON array of numbers, or packed, as it was asked for."""

    vectors: tuple[Text, ...]
    input_tokens: int
