"""OpenAI's Embeddings API. Source of the fields and limits: OpenAI's published schema of 2026.

A vector that nobody shortens goes to the client as ARGO wrote it: its numbers are never read.
"""

from __future__ import annotations

import base64
import sys
from array import array
from collections.abc import Sequence
from math import sqrt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from argo_proxy.canonical.embeddings import EmbeddingRequest, Embeddings
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.inputs import WireInputs, read_inputs
from argo_proxy.dialects.wire import decode_body
from argo_proxy.dialects.wire import render_error as render_error

MAX_INPUTS = 2048
_BASE64 = "base64"


class _Body(Struct):
    input: WireInputs
    model: str | None = None
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Meta(ge=1)] | None = None
    timeout: Annotated[float, Meta(gt=0, le=604_800)] | None = None


_DECODER = msgspec.json.Decoder(_Body)
_NUMBERS = msgspec.json.Decoder(list[float])


def parse(body: bytes) -> EmbeddingRequest:
    """The canonical form of a request body. Raises BadRequest that names the input at fault."""
    wire = decode_body(_DECODER, body)
    inputs = read_inputs(wire.input, "input", MAX_INPUTS)
    for index, given in enumerate(inputs):
        if not given:
            raise BadRequest(f"'input[{index}]' is empty; an input needs at least one token", param=f"input[{index}]")
    return EmbeddingRequest(wire.model, inputs, wire.dimensions, wire.timeout, wire.encoding_format)


def render(request: EmbeddingRequest, found: Embeddings) -> bytes:
    """A list of `embedding` objects, with their vectors in the format that was asked for."""
    write = _as_base64 if request.echo == _BASE64 else _as_numbers
    data = b",".join(
        b'{"object":"embedding","index":%d,"embedding":%s}' % (index, write(vector, request.dimensions))
        for index, vector in enumerate(found.vectors)
    )
    usage = b'{"prompt_tokens":%d,"total_tokens":%d}' % (found.input_tokens, found.input_tokens)
    model = msgspec.json.encode(request.model)
    return b'{"object":"list","data":[%s],"model":%s,"usage":%s}' % (data, model, usage)


def _as_numbers(vector: Raw, dimensions: int | None) -> bytes:
    if dimensions is None:
        return bytes(vector)
    return msgspec.json.encode(_shortened(_NUMBERS.decode(vector), dimensions))


def _as_base64(vector: Raw, dimensions: int | None) -> bytes:
    """The numbers as 4-byte floats, the lowest byte first, which is what OpenAI's SDKs read."""
    numbers = array("f", _shortened(_NUMBERS.decode(vector), dimensions))
    if sys.byteorder == "big":
        numbers.byteswap()
    return b'"%s"' % base64.b64encode(numbers.tobytes())


def _shortened(numbers: Sequence[float], dimensions: int | None) -> Sequence[float]:
    """The first `dimensions` numbers, scaled to length 1, as OpenAI's guide to embeddings does it."""
    if dimensions is None or dimensions >= len(numbers):
        return numbers
    kept = numbers[:dimensions]
    length = sqrt(sum(number * number for number in kept))
    return [number / length for number in kept] if length else kept
