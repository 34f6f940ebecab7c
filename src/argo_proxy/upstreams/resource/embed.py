"""The embed call of the resource API: `{"user", "model", "prompt": [..]}` to `{"embedding": [[..], ..]}`.

Vectors that are wanted as text are cut out of the answer and never parsed, which would be most of the work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.embeddings import Text
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.upstreams.notices import unreadable

MAX_PROMPTS = 16

T = TypeVar("T")


class _Call(Struct):
    user: str
    model: str
    prompt: Sequence[str]


class _Texts(Struct):
    embedding: list[Raw]


_TEXTS = Decoder(_Texts)
_VECTOR = Decoder(list[float])
_SYNTAX = Decoder(Raw)

_BEGIN = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"embedding"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*(?=\[)')
_COMMA = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*(?=\[)")
_END = re.compile(rb"[ \t\r\n]*\][ \t\r\n]*\}[ \t\r\n]*\Z")
_OF_OTHER_VALUES = (b'"', b"{", b"n", b"u", b"a")
"""Whatever a writer of JSON may have put beside numbers has one of these (a text, an object, null, true, false, NaN,
Infinity), or is an array."""

_SAMPLE_BYTES = 1024


def encode(texts: Sequence[str], card: ModelCard, user: str) -> bytes:
    """The body of the call, for at most `MAX_PROMPTS` texts."""
    return msgspec.json.encode(_Call(user, card.id, texts))


def decode(body: bytes, count: int) -> Sequence[Text]:
    """One JSON array of numbers for each of `count` texts, as ARGO wrote it. Raises UpstreamError, or Denied."""
    vectors = _cut(body)
    return _counted(vectors if _hold_numbers(vectors, body) else _parsed(body), count)


def decode_numbers(body: bytes, count: int) -> Iterator[list[float]]:
    """The numbers for each of `count` texts, one vector after the other, so that not all of them are in memory.

    Raises UpstreamError, or Denied.
    """
    return (_typed(_VECTOR, vector, body) for vector in _counted(_cut(body) or _parsed(body), count))


def _cut(body: bytes) -> list[Text]:
    """The vectors of an answer in its usual shape, which is cut at the brackets; none if it is not quite that."""
    seam = _BEGIN.match(body)
    view, vectors = memoryview(body), list[Text]()
    while seam:
        start, end = seam.end(), body.find(b"]", seam.end()) + 1
        if body.rfind(b"[", 0, end) != start:
            return []
        vectors.append(view[start:end])
        if _END.match(body, end):
            return vectors
        seam = _COMMA.match(body, end)
    return []


def _hold_numbers(vectors: Sequence[Text], body: bytes) -> bool:
    """Whether these parts of the body are arrays of numbers; none are not. Raises UpstreamError for `1,,2`.

    Looking for what is not of numbers takes a tenth of the time that parsing takes. It does not find `1,,2`; but who
    puts numbers together wrongly does so from the start, so the first numbers have their syntax checked.
    """
    start = body.find(b"[")
    if not vectors or not body.isascii() or any(body.find(byte, start) >= 0 for byte in _OF_OTHER_VALUES):
        return False
    _typed(_SYNTAX, _beginning(vectors[0]), body)
    return True


def _beginning(vector: Text) -> bytes:
    """The first numbers of an array, as an array."""
    numbers, comma, _ = bytes(vector[:_SAMPLE_BYTES]).rpartition(b",")
    return numbers + b"]" if comma and len(vector) > _SAMPLE_BYTES else bytes(vector)


def _parsed(body: bytes) -> list[Text]:
    """The vectors of an answer in any other shape: with more fields, or with faults, which this tells."""
    vectors: list[Text] = [bytes(vector) for vector in _typed(_TEXTS, body, body).embedding]
    for vector in vectors:
        _typed(_VECTOR, vector, body)
    return vectors


def _typed(decoder: Decoder[T], part: Text, body: bytes) -> T:
    try:
        return decoder.decode(part)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(body, b'"embedding"') from error


def _counted(vectors: Sequence[Text], count: int) -> Sequence[Text]:
    if len(vectors) != count or b"[]" in vectors:
        raise UpstreamError(f"ARGO sent {len(vectors)} vectors, or empty ones, for {count} texts", code="bad_answer")
    return vectors
