"""Answers that the guide quotes, each with the request that gets it: path, body and headers."""

from __future__ import annotations

from tests.integration.proxying import CHAT, said

TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
PICTURE = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]
ASKED_FOR: dict[str, tuple[str, object, dict[str, str]]] = {
    "there is nothing at /chat/completions; GET / shows what there is": ("/chat/completions", said("hi"), {}),
    "pages of https://example.org may not ask here; `cors_origins` lists those that may": (
        CHAT, said("hi"), {"origin": "https://example.org"},
    ),
    "model 'argo:gpt-99' is not on ARGO; did you mean argo:gpt-5, argo:gpt-4, argo:gpt-o3? GET /v1/models lists all": (
        CHAT, said("hi", "argo:gpt-99"), {},
    ),
    "model 'argo:text-embedding-3-small' makes embeddings; ask for a chat model here": (
        CHAT, said("hi", "argo:text-embedding-3-small"), {},
    ),
    "model 'argo:gpt-4o' makes no embeddings; argo:text-embedding-3-small does": (
        "/v1/embeddings", {"model": "argo:gpt-4o", "input": "hi"}, {},
    ),
    "model 'argo:o3-mini' takes no images; choose a model that does, such as argo:gpt-4o": (
        CHAT, {"model": "argo:o3-mini", "messages": [{"role": "user", "content": PICTURE}]}, {},
    ),
    "the request body is not valid JSON: Input data was truncated": (CHAT, b'{"model": "argo:gpt-4o"', {}),
    "'messages': expected 'array', got 'str'": (CHAT, {"messages": "hi"}, {}),
    "'stream_options' is only allowed with \"stream\": true": (
        CHAT, said("hi", stream_options={"include_usage": True}), {},
    ),
    "'tool_choice' names 'wether', which is not among the tools": (
        CHAT, said("hi", tools=[TOOL], tool_choice={"type": "function", "function": {"name": "wether"}}), {},
    ),
    "'tool_choice' asks for a call, but there are no tools": (CHAT, said("hi", tool_choice="required"), {}),
    "Previous response with id 'resp_123' not found.": (
        "/v1/responses", {"input": "hi", "previous_response_id": "resp_123"}, {},
    ),
}  # fmt: skip
