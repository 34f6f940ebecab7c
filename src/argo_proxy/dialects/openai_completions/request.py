"""From the body of a `POST /v1/completions` to canonical requests, one for each prompt."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from argo_proxy.canonical.chat import ChatRequest, JsonObject, Message, Sampling, Text
from argo_proxy.canonical.embeddings import Input
from argo_proxy.canonical.errors import BadRequest, Unsupported
from argo_proxy.dialects.inputs import WireInputs, read_inputs
from argo_proxy.dialects.wire import decode_body, dropped, read_stops

MAX_CHOICES = 128


class StreamOptions(Struct):
    include_usage: bool | None = None


class Body(Struct):
    prompt: WireInputs
    model: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    n: Annotated[int, Meta(ge=1, le=MAX_CHOICES)] | None = None
    stop: str | list[str] | None = None
    echo: bool | None = None
    timeout: Annotated[float, Meta(gt=0, le=604_800)] | None = None
    suffix: str | None = None
    tools: list[JsonObject] | None = None
    functions: list[JsonObject] | None = None
    # ARGO has no place for these.
    best_of: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logprobs: int | None = None
    logit_bias: dict[str, float] | None = None
    seed: int | None = None


_DROPPED = ("best_of", "frequency_penalty", "presence_penalty", "logprobs", "logit_bias", "seed")
_REFUSED = {
    "suffix": "'suffix' is not supported: ARGO's models cannot fill in a gap",
    "tools": "legacy completions have no tools; use /v1/chat/completions",
    "functions": "legacy completions have no functions; use /v1/chat/completions",
}
_DECODER = msgspec.json.Decoder(Body)


def parse(body: bytes) -> ChatRequest:
    """The canonical form of a request body; prompts after the first are in `also`. Raises BadRequest, Unsupported."""
    wire = decode_body(_DECODER, body)
    for name, why in _REFUSED.items():
        if getattr(wire, name):
            raise Unsupported(why, param=name)
    if wire.stream_options and not wire.stream:
        raise BadRequest("'stream_options' is only allowed with \"stream\": true", param="stream_options")
    choices = wire.n or 1
    prompts = read_inputs(wire.prompt, "prompt", MAX_CHOICES // choices)
    request = ChatRequest(
        model=wire.model,
        messages=(),
        sampling=Sampling(wire.temperature, wire.top_p, wire.max_tokens, read_stops(wire.stop)),
        choices=choices,
        stream=bool(wire.stream),
        stream_usage=bool(wire.stream_options and wire.stream_options.include_usage),
        timeout_s=wire.timeout,
        repeats_prompt=bool(wire.echo),
        adjusted=_dropped(wire, choices),
    )
    first, *others = (_asking(request, prompt) for prompt in prompts)
    return replace(first, also=tuple(others))


def _asking(request: ChatRequest, prompt: Input) -> ChatRequest:
    if isinstance(prompt, tuple) and prompt:
        return replace(request, prompt_tokens=prompt)
    text = prompt if isinstance(prompt, str) else ""  # no tokens are an empty text
    return replace(request, messages=(Message("user", (Text(text),)),))


def _dropped(wire: Body, choices: int) -> tuple[str, ...]:
    if wire.best_of == choices:  # as many are made as are given: all of them
        wire.best_of = None
    return dropped(wire, _DROPPED)
