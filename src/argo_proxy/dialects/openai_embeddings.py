"""OpenAI's Embeddings API. Source of the fields and limits: OpenAI's published schema of 2026."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from argo_proxy.canonical.embeddings import EmbeddingRequest, Embeddings, Text
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.inputs import WireInputs, read_inputs
from argo_proxy.dialects.wire import decode_body
from argo_proxy.dialects.wire import render_error as render_error

MAX_INPUTS = 2048


class Body(Struct):
    input: WireInputs
    model: str | None = None
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Meta(ge=1)] | None = None
    timeout: Annotated[float, Meta(gt=0, le=604_800)] | None = None


_DECODER = msgspec.json.Decoder(Body)


def parse(body: bytes) -> EmbeddingRequest:
    """The canonical form of a request body. Raises BadRequest that names the input at fault."""
    wire = decode_body(_DECODER, body)
    inputs = read_inputs(wire.input, "input", MAX_INPUTS)
    for index, given in enumerate(inputs):
        if not given:
            raise BadRequest(f"'input[{index}]' is empty; an input needs at least one token", param=f"input[{index}]")
    return EmbeddingRequest(wire.model, inputs, wire.dimensions, wire.timeout, wire.encoding_format == "base64")


def render(request: EmbeddingRequest, found: Embeddings) -> Sequence[Text]:
    """A list of `embedding` objects, in pieces: what ARGO wrote is long, and is not copied."""
    pieces: list[Text] = [b'{"object":"list","data":[']
    for index, vector in enumerate(found.vectors):
        written = b'"%s"' % base64.b64encode(vector) if request.packed else vector
        comma = b"," if index else b""
        pieces += (comma, b'{"object":"embedding","index":%d,"embedding":' % index, written, b"}")
    usage = b'{"prompt_tokens":%d,"total_tokens":%d}' % (found.input_tokens, found.input_tokens)
    pieces.append(b'],"model":%s,"usage":%s}' % (msgspec.json.encode(request.model), usage))
    return pieces
