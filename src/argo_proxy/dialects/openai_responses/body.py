"""What a client sends to `POST /v1/responses`, as wire types: they say what is legal.

Items and tools are read one by one (items.py, tools.py), for what cannot work here needs an explanation, not a refusal
of its type. Keys that are not named here are ignored.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from argo_proxy.canonical.chat import JsonObject

MAX_ITEMS = 20_000

WireInput: TypeAlias = str | Annotated[list[JsonObject], Meta(max_length=MAX_ITEMS)]
Timeout: TypeAlias = Annotated[float, Meta(gt=0, le=604_800)]
Metadata: TypeAlias = Annotated[
    dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=512)]], Meta(max_length=16)
]


class TextFormat(Struct, tag="text"):
    pass


class JsonObjectFormat(Struct, tag="json_object"):
    pass


class JsonSchemaFormat(Struct, tag="json_schema"):
    name: Annotated[str, Meta(min_length=1)]
    schema: JsonObject
    description: str | None = None
    strict: bool | None = None


class TextConfig(Struct, frozen=True):
    format: TextFormat | JsonObjectFormat | JsonSchemaFormat | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class Reasoning(Struct, frozen=True):
    effort: str | None = None
    summary: str | None = None
    generate_summary: str | UnsetType = UNSET


class Body(Struct):
    input: WireInput | None = None
    model: str | None = None
    instructions: str | None = None
    stream: bool | None = None
    store: bool | None = None
    background: bool | None = None
    previous_response_id: str | None = None
    tools: list[JsonObject] | None = None
    tool_choice: str | JsonObject | None = None
    parallel_tool_calls: bool | None = None
    text: TextConfig | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    max_output_tokens: Annotated[int, Meta(ge=1)] | None = None
    metadata: Metadata | None = None
    timeout: Timeout | None = None
    # What the answer repeats, and no more.
    max_tool_calls: int | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    safety_identifier: str | None = None
    service_tier: str | None = None
    user: str | None = None
    # These change what the request means, and ARGO has nothing of the kind.
    conversation: str | JsonObject | None = None
    prompt: JsonObject | None = None
    # ARGO has no place for these; a value that only repeats the default is not worth a word.
    reasoning: Reasoning | None = None
    top_logprobs: int | None = None
    truncation: Literal["auto", "disabled"] | None = None
    include: list[str] | None = None
    context_management: list[JsonObject] | None = None
    moderation: JsonObject | None = None


DECODER = msgspec.json.Decoder(Body)
