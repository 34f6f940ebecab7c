"""The bodies that are asked with and answered, by the types that read and write them."""

from __future__ import annotations

from collections.abc import Mapping

from argo_proxy.canonical.chat import JsonObject
from argo_proxy.dialects import openai_embeddings
from argo_proxy.dialects.error_body import ErrorBody
from argo_proxy.dialects.openai_chat import body as chat
from argo_proxy.dialects.openai_chat.completion import Completion as ChatCompletion
from argo_proxy.dialects.openai_completions.render import Completion
from argo_proxy.dialects.openai_completions.request import Body as CompletionBody
from argo_proxy.dialects.openai_responses import body as responses
from argo_proxy.dialects.openai_responses import items, kept, response, tools
from argo_proxy.dialects.openai_responses.compaction import CompactBody, Compacted
from argo_proxy.openapi.schemas import ANY, Shape, components, reference
from argo_proxy.updates import VersionAnswer
from argo_proxy.web.models import Model, Models

ITEM = Shape("Item", items.Item | items.Trace)
TOOL = Shape("Tool", tools.WireTool)
CHOICE = Shape("ToolChoice", tools.NamedFunction | tools.NamedCustom | tools.Allowed)
_HOSTED: JsonObject = {
    "type": "object",
    "description": "A tool that runs at OpenAI: left out where the model may choose among others, else refused.",
    "properties": {
        "type": {"type": "string", "pattern": f"^{tools.KIND}$", "not": {"enum": ["function", "custom", "namespace"]}}
    },
    "required": ["type"],
}
_UNTYPED: JsonObject = {
    "type": "object",
    "description": "A message, or with nothing but an `id` a reference to an item, may leave its type out.",
    "properties": {"type": {"type": "null"}, "role": {"enum": ["user", "assistant", "system", "developer"]}},
    "anyOf": [{"required": ["role", "content"]}, {"required": ["id"]}],
}
_INPUT: JsonObject = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"anyOf": [reference(ITEM), _UNTYPED]}, "maxItems": responses.MAX_ITEMS},
        {"type": "null"},
    ]
}
_TOOLS: JsonObject = {
    "anyOf": [{"type": "array", "items": {"anyOf": [reference(TOOL), _HOSTED]}}, {"type": "null"}],
}
_CHOICE: JsonObject = {"anyOf": [{"enum": [*tools.MODES, None]}, reference(CHOICE)]}
_ASKED = (("input", _INPUT), ("tools", _TOOLS), ("tool_choice", _CHOICE))

CHAT = Shape("ChatRequest", chat.Body)
COMPLETION = Shape("CompletionRequest", CompletionBody)
EMBEDDING = Shape("EmbeddingRequest", openai_embeddings.Body)
RESPONSE = Shape("ResponseRequest", responses.Body, told=_ASKED)
COMPACT = Shape("CompactRequest", CompactBody, told=_ASKED[:1])

CHAT_ANSWER = Shape("ChatCompletion", ChatCompletion, answer=True)
COMPLETION_ANSWER = Shape("Completion", Completion, answer=True)
RESPONSE_ANSWER = Shape("Response", response.Response, answer=True)
COUNT = Shape("InputTokens", response.Count, answer=True)
COMPACTED = Shape("Compaction", Compacted)
PAGE = Shape("ItemPage", kept.Page)
DELETED = Shape("Deleted", kept.Deleted, answer=True)
MODELS = Shape("ModelList", Models, answer=True)
MODEL = Shape("Model", Model, answer=True)
VERSION = Shape("Version", VersionAnswer, answer=True)
ERROR = Shape("Error", ErrorBody, answer=True)

SHAPES = (
    CHAT, COMPLETION, EMBEDDING, RESPONSE, COMPACT, ITEM, TOOL, CHOICE, CHAT_ANSWER, COMPLETION_ANSWER, RESPONSE_ANSWER,
    COUNT, COMPACTED, PAGE, DELETED, MODELS, MODEL, VERSION, ERROR,
)  # fmt: skip

_VECTOR: JsonObject = {
    "type": "object",
    "properties": {
        "object": {"const": "embedding"},
        "index": {"type": "integer"},
        "embedding": {
            "anyOf": [
                {"type": "array", "items": {"type": "number"}},
                {"type": "string", "description": "32-bit floats, little-endian, as base64"},
            ]
        },
    },
    "required": ["object", "index", "embedding"],
}
_EMBEDDINGS: JsonObject = {
    "type": "object",
    "properties": {
        "object": {"const": "list"},
        "data": {"type": "array", "items": _VECTOR},
        "model": {"type": "string"},
        "usage": {
            "type": "object",
            "properties": {"prompt_tokens": {"type": "integer"}, "total_tokens": {"type": "integer"}},
            "required": ["prompt_tokens", "total_tokens"],
        },
    },
    "required": ["object", "data", "model", "usage"],
}
_PASSED: JsonObject = {
    "type": "object",
    "description": "In ARGO's own form. `user` is filled in, and `model` may be any name of a model.",
    "properties": {"model": {"type": ["string", "null"]}, "stream": ANY},
    "additionalProperties": ANY,
}
_WRITTEN: Mapping[str, JsonObject] = {"EmbeddingList": _EMBEDDINGS, "PassedRequest": _PASSED}
"""Of bodies that have no type, because they are handed on unread."""


def schemas() -> dict[str, JsonObject]:
    """All of them, with their parts, by name."""
    return {**_WRITTEN, **{name: schema for shape in SHAPES for name, schema in components(shape).items()}}
