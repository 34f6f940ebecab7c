"""The embed call of the resource API: `{"user", "model", "prompt": [..]}` to `{"embedding": [[..], ..]}`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw, Struct

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.upstreams.notices import unreadable

MAX_PROMPTS = 16


class _Call(Struct):
    user: str
    model: str
    prompt: Sequence[str]


class _Answer(Struct):
    embedding: list[Raw]


_BRACKET = ord("[")
_DECODER = msgspec.json.Decoder(_Answer)


def encode(texts: Sequence[str], card: ModelCard, user: str) -> bytes:
    """The body of the call, for at most `MAX_PROMPTS` texts."""
    return msgspec.json.encode(_Call(user, card.id, texts))


def decode(body: bytes, count: int) -> Sequence[Raw]:
    """One JSON array for each of `count` texts, as ARGO wrote it. Raises UpstreamError, or Denied."""
    try:
        vectors = _DECODER.decode(body).embedding
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise unreadable(body, b'"embedding"') from error
    if len(vectors) != count or any(memoryview(vector)[0] != _BRACKET for vector in vectors):
        raise UpstreamError(f"ARGO sent {len(vectors)} vectors for {count} texts", code="bad_answer")
    return vectors
