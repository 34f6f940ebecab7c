"""What a client sends to `POST /v1/chat/completions`, as wire types: they say what is legal.

A typed decode reads and checks the body in one pass. Keys that are not named here are ignored.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from argo_proxy.canonical.chat import JsonObject

MAX_MESSAGES = 20_000

_T = TypeVar("_T")
_Parts: TypeAlias = Annotated[list[_T], Meta(min_length=1)]
_Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=256)]


class TextPart(Struct, tag="text"):
    text: str


class ImageUrl(Struct):
    url: str
    detail: Literal["auto", "low", "high"] | None = None


class ImagePart(Struct, tag="image_url"):
    image_url: ImageUrl


class RefusalPart(Struct, tag="refusal"):
    refusal: str


class Called(Struct):
    name: _Name
    arguments: str


class Call(Struct):
    id: str
    function: Called
    type: Literal["function"] = "function"


class System(Struct, tag="system", tag_field="role"):
    content: str | _Parts[TextPart]
    name: str | None = None


class Developer(Struct, tag="developer", tag_field="role"):
    content: str | _Parts[TextPart]
    name: str | None = None


class User(Struct, tag="user", tag_field="role"):
    content: str | _Parts[TextPart | ImagePart]
    name: str | None = None


class Assistant(Struct, tag="assistant", tag_field="role"):
    content: str | _Parts[TextPart | RefusalPart] | None = None
    refusal: str | None = None
    name: str | None = None
    tool_calls: list[Call] | None = None
    function_call: Called | None = None


class ToolMessage(Struct, tag="tool", tag_field="role"):
    tool_call_id: str
    content: str | list[TextPart | ImagePart] | None = None


class FunctionMessage(Struct, tag="function", tag_field="role"):
    name: _Name
    content: str | None = None


WireMessage: TypeAlias = System | Developer | User | Assistant | ToolMessage | FunctionMessage


class Function(Struct):
    name: _Name
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool | None = None


class FunctionTool(Struct, tag="function"):
    function: Function


class Named(Struct):
    name: _Name


class NamedChoice(Struct, tag="function"):
    function: Named


class AllowedTools(Struct):
    mode: Literal["auto", "required"]
    tools: _Parts[NamedChoice]


class AllowedChoice(Struct, tag="allowed_tools"):
    allowed_tools: AllowedTools


WireChoice: TypeAlias = Literal["auto", "none", "required"] | NamedChoice | AllowedChoice


class TextFormat(Struct, tag="text"):
    pass


class JsonObjectFormat(Struct, tag="json_object"):
    pass


class JsonSchema(Struct):
    name: str | None = None
    description: str | None = None
    schema: JsonObject | None = None
    strict: bool | None = None


class JsonSchemaFormat(Struct, tag="json_schema"):
    json_schema: JsonSchema


class StreamOptions(Struct):
    include_usage: bool | None = None


class Body(Struct):
    messages: Annotated[list[WireMessage], Meta(min_length=1, max_length=MAX_MESSAGES)]
    model: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1)] | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    stop: str | list[str] | None = None
    timeout: Annotated[float, Meta(gt=0, le=604_800)] | None = None
    tools: list[FunctionTool] | None = None
    tool_choice: WireChoice | None = None
    parallel_tool_calls: bool | None = None
    functions: list[Function] | None = None
    function_call: Literal["auto", "none"] | Named | None = None
    response_format: TextFormat | JsonObjectFormat | JsonSchemaFormat | None = None
    modalities: list[str] | None = None
    # ARGO has no place for these; a value that only repeats the default is not worth a word.
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    logit_bias: dict[str, float] | None = None
    seed: int | None = None
    service_tier: str | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    prediction: JsonObject | None = None
    audio: JsonObject | None = None
    web_search_options: JsonObject | None = None


DECODER = msgspec.json.Decoder(Body)
