"""Every endpoint, as it is published: what is asked with, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from argo_proxy.canonical.chat import JsonObject
from argo_proxy.dialects.openai_responses.kept import DEFAULT_PAGE, LONGEST_PAGE
from argo_proxy.openapi import bodies
from argo_proxy.openapi.schemas import Shape, reference

JSON, STREAM = "application/json", "text/event-stream"
Errors = tuple[int, ...]
_ASKING: Errors = (400, 401, 403, 404, 408, 413, 415, 429, 500, 502, 503, 504)
_READING: Errors = (400, 401, 404, 500, 503)


class Operation(Struct, frozen=True):
    """One method of one path. `open`: no key is ever needed; `passed`: errors may be in ARGO's own form."""

    method: Literal["get", "post", "delete"]
    path: str
    name: str
    summary: str
    answer: Mapping[str, JsonObject]
    asked: JsonObject | None = None
    query: tuple[JsonObject, ...] = ()
    errors: Errors = ()
    open: bool = False
    passed: bool = False


def _query(name: str, schema: JsonObject, about: str) -> JsonObject:
    return {"name": name, "in": "query", "schema": schema, "description": about}


def _asking(
    path: str, name: str, summary: str, asked: Shape, answer: JsonObject, *, streams: bool = False
) -> Operation:
    told = {JSON: answer, STREAM: {}} if streams else {JSON: answer}
    return Operation("post", path, name, summary, told, reference(asked), errors=_ASKING)


def _passing(path: str, name: str, summary: str) -> Operation:
    """The answer has ARGO's own status and type."""
    asked: JsonObject = {"$ref": "#/components/schemas/PassedRequest"}
    return Operation("post", path, name, summary, {"*/*": {}}, asked, passed=True)


def _response(method: Literal["get", "post", "delete"], name: str, summary: str, answer: Shape) -> Operation:
    path = "/v1/responses/{response_id}" + ("/cancel" if method == "post" else "")
    return Operation(method, path, name, summary, {JSON: reference(answer)}, errors=_READING)


def _page(path: str, name: str) -> Operation:
    html: Mapping[str, JsonObject] = {"text/html": {"type": "string"}}
    return Operation("get", path, name, "What this is, and where the API is", html, open=True)


_HEALTHY: JsonObject = {"type": "object", "properties": {"status": {"const": "healthy"}}, "required": ["status"]}
_READY: JsonObject = {
    "type": "object",
    "properties": {
        "status": {"const": "ready"},
        "unreachable": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["status"],
}
_FOLLOWING = (
    _query("stream", {"type": "string"}, "`true` or `1`: the events of a response that is made in the background"),
    _query("starting_after", {"type": "string"}, "with `stream`: the number of the last event that is known"),
)
_PAGING = (
    _query("limit", {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": DEFAULT_PAGE}, "so many"),
    _query("after", {"type": "string"}, "the id of the item before the first that is wanted"),
    _query("order", {"enum": ["asc", "desc"], "default": "desc"}, "the oldest or the newest first"),
)

OPERATIONS: tuple[Operation, ...] = (
    _asking(
        "/v1/chat/completions", "createChatCompletion", "OpenAI Chat Completions, streamed or whole",
        bodies.CHAT, reference(bodies.CHAT_ANSWER), streams=True,
    ),
    _asking(
        "/v1/completions", "createCompletion", "OpenAI's legacy Completions, streamed or whole",
        bodies.COMPLETION, reference(bodies.COMPLETION_ANSWER), streams=True,
    ),
    _asking(
        "/v1/embeddings", "createEmbedding", "OpenAI Embeddings, as numbers or base64",
        bodies.EMBEDDING, {"$ref": "#/components/schemas/EmbeddingList"},
    ),
    _asking(
        "/v1/responses", "createResponse", "OpenAI Responses, streamed, whole or in the background",
        bodies.RESPONSE, reference(bodies.RESPONSE_ANSWER), streams=True,
    ),
    _asking(
        "/v1/responses/input_tokens", "countInputTokens", "How many tokens a response would be asked with",
        bodies.RESPONSE, reference(bodies.COUNT),
    ),
    _asking(
        "/v1/responses/compact", "compactConversation", "A conversation made short by the model",
        bodies.COMPACT, reference(bodies.COMPACTED),
    ),
    Operation(
        "get", "/v1/responses/{response_id}", "getResponse", "A stored response",
        {JSON: reference(bodies.RESPONSE_ANSWER), STREAM: {}}, query=_FOLLOWING, errors=_READING,
    ),
    _response("delete", "deleteResponse", "Forget a stored response", bodies.DELETED),
    _response("post", "cancelResponse", "End a response that is made in the background", bodies.RESPONSE_ANSWER),
    Operation(
        "get", "/v1/responses/{response_id}/input_items", "listInputItems", "The conversation that a response answered",
        {JSON: reference(bodies.PAGE)}, query=_PAGING, errors=_READING,
    ),
    _passing("/v1/chat", "passChat", 'ARGO\'s own chat call; with "stream": true its streamed one'),
    _passing("/v1/embed", "passEmbed", "ARGO's own embedding call"),
    Operation(
        "get", "/v1/models", "listModels", "The models, under all their names",
        {JSON: reference(bodies.MODELS)}, errors=(401,),
    ),
    Operation(
        "get", "/v1/models/{model}", "getModel", "One model; its name may have slashes in it",
        {JSON: reference(bodies.MODEL)}, errors=(401, 404),
    ),
    Operation(
        "post", "/refresh", "refreshModels", "Read the list of models anew",
        {JSON: {"type": "object", "properties": {"models": {"type": "integer"}}, "required": ["models"]}},
        errors=(401, 502, 503, 504),
    ),
    Operation(
        "get", "/health", "getHealth", "Whether the proxy runs", {JSON: _HEALTHY}, open=True
    ),
    Operation(
        "get", "/health/ready", "getReadiness", "Whether it can serve: ARGO is in reach",
        {JSON: _READY}, errors=(503,), open=True,
    ),
    Operation(
        "get", "/version", "getVersion", "Its version, and whether there is a newer one",
        {JSON: reference(bodies.VERSION)}, open=True,
    ),
    Operation("get", "/openapi.json", "getDescription", "This description", {JSON: {"type": "object"}}, open=True),
    _page("/", "getLandingPage"),
    _page("/v1", "getLandingPageOfApi"),
    _page("/v1/docs", "getDocs"),
)  # fmt: skip
