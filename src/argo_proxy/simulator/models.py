"""The gateway's models as the simulator knows them: a table of its own, not the proxy's."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from argo_proxy.simulator.shapes import JsonObject

ModelsShape: TypeAlias = Literal["old", "new", "mixed"]


class Family(Enum):
    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GOOGLE = "google"


class Sampling(Enum):
    """What a model says to `temperature` and `top_p`."""

    FREE = "both accepted"
    ONE_OF_TWO = "either, not both"
    DEFAULT_ONLY = "temperature 1, no top_p"
    REFUSED = "neither"


@dataclass(frozen=True, slots=True)
class Model:
    """`dimensions` is 0 for chat models; `reasoning` models refuse max_tokens and stop."""

    id: str
    name: str
    family: Family
    output_limit: int = 0
    images: bool = False
    sampling: Sampling = Sampling.FREE
    reasoning: bool = False
    preview: bool = False
    dimensions: int = 0


def _openai(model_id: str, name: str, limit: int, *, images: bool = False) -> Model:
    return Model(model_id, name, Family.OPENAI, limit, images=images)


def _o_series(model_id: str, name: str, limit: int, *, images: bool = False, preview: bool = False) -> Model:
    return Model(model_id, name, Family.OPENAI, limit, images, Sampling.REFUSED, reasoning=True, preview=preview)


def _gpt5(model_id: str, name: str) -> Model:
    return Model(model_id, name, Family.OPENAI, 128_000, True, Sampling.DEFAULT_ONLY, reasoning=True)


def _claude(model_id: str, name: str, limit: int, sampling: Sampling = Sampling.FREE) -> Model:
    return Model(model_id, name, Family.ANTHROPIC, limit, True, sampling)


def _gemini(model_id: str, name: str, limit: int) -> Model:
    return Model(model_id, name, Family.GOOGLE, limit, images=True)


def _embedding(model_id: str, name: str, dimensions: int) -> Model:
    return Model(model_id, name, Family.OPENAI, dimensions=dimensions)


_TABLE: Final = (
    _openai("gpt35", "GPT-3.5 Turbo", 4_096),
    _openai("gpt35large", "GPT-3.5 Turbo 16k", 16_384),
    _openai("gpt4", "GPT-4", 8_192),
    _openai("gpt4large", "GPT-4 32k", 8_192),
    _openai("gpt4turbo", "GPT-4 Turbo", 4_096),
    _openai("gpt4o", "GPT-4o", 16_384, images=True),
    _openai("gpt4olatest", "GPT-4o Latest", 16_384, images=True),
    _o_series("gpto1preview", "GPT-o1 Preview", 32_768, preview=True),
    _o_series("gpto1mini", "GPT-o1 Mini", 65_536, preview=True),
    _o_series("gpto3mini", "GPT-o3 Mini", 100_000),
    _o_series("gpto1", "GPT-o1", 100_000, images=True),
    _o_series("gpto3", "GPT-o3", 100_000, images=True),
    _o_series("gpto4mini", "GPT-o4 Mini", 100_000, images=True),
    _openai("gpt41", "GPT-4.1", 16_384, images=True),
    _openai("gpt41mini", "GPT-4.1 Mini", 16_384, images=True),
    _openai("gpt41nano", "GPT-4.1 Nano", 16_384, images=True),
    _gpt5("gpt5", "GPT-5"),
    _gpt5("gpt5mini", "GPT-5 Mini"),
    _gpt5("gpt5nano", "GPT-5 Nano"),
    _gpt5("gpt51", "GPT-5.1"),
    _gpt5("gpt52", "GPT-5.2"),
    _gpt5("gpt54", "GPT-5.4"),
    _gpt5("gpt54mini", "GPT-5.4 Mini"),
    _gpt5("gpt54nano", "GPT-5.4 Nano"),
    _gpt5("gpt55", "GPT-5.5"),
    _gemini("gemini25pro", "Gemini 2.5 Pro", 65_536),
    _gemini("gemini25flash", "Gemini 2.5 Flash", 64_536),
    _gemini("gemini35flash", "Gemini 3.5 Flash", 65_536),
    _gemini("gemini31flashlite", "Gemini 3.1 Flash Lite", 65_536),
    _claude("claudesonnet35v2", "Claude Sonnet 3.5 v2", 8_000),
    _claude("claudesonnet37", "Claude Sonnet 3.7", 128_000),
    _claude("claudesonnet4", "Claude Sonnet 4", 64_000),
    _claude("claudesonnet45", "Claude Sonnet 4.5", 64_000, Sampling.ONE_OF_TWO),
    _claude("claudesonnet46", "Claude Sonnet 4.6", 128_000, Sampling.ONE_OF_TWO),
    _claude("claudesonnet5", "Claude Sonnet 5", 128_000, Sampling.REFUSED),
    _claude("claudehaiku45", "Claude Haiku 4.5", 64_000, Sampling.ONE_OF_TWO),
    _claude("claudeopus4", "Claude Opus 4", 32_000),
    _claude("claudeopus41", "Claude Opus 4.1", 32_000),
    _claude("claudeopus45", "Claude Opus 4.5", 64_000, Sampling.ONE_OF_TWO),
    _claude("claudeopus46", "Claude Opus 4.6", 128_000, Sampling.ONE_OF_TWO),
    _claude("claudeopus47", "Claude Opus 4.7", 128_000, Sampling.REFUSED),
    _claude("claudeopus48", "Claude Opus 4.8", 128_000, Sampling.REFUSED),
    _claude("claudeopus5", "Claude Opus 5", 128_000, Sampling.REFUSED),
    _embedding("ada002", "text-embedding-ada-002", 1_536),
    _embedding("v3small", "text-embedding-3-small", 1_536),
    _embedding("v3large", "text-embedding-3-large", 3_072),
)

MODELS: Final[Mapping[str, Model]] = MappingProxyType({model.id: model for model in _TABLE})


def list_models(shape: ModelsShape) -> JsonObject:
    """The body of GET models; "mixed" has both shapes in one list."""
    return {"data": [_entry(model, shape, index) for index, model in enumerate(_TABLE)]}


def _entry(model: Model, shape: ModelsShape, index: int) -> JsonObject:
    if shape == "old" or (shape == "mixed" and index % 2):
        return {"id": model.id, "model_name": model.name}
    entry: JsonObject = {"id": model.name, "internal_id": model.id, "object": "model"}
    return entry | {"created": int(time.time()), "owned_by": model.family.value}
