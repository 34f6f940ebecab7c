"""The APIs that clients speak, by the path they are asked at. A new one is a module (or folder) and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from argo_proxy.canonical.spokes import Dialect
from argo_proxy.dialects import openai_chat, openai_completions, openai_responses

DIALECTS: Mapping[str, Dialect] = {
    "/v1/chat/completions": openai_chat,
    "/v1/completions": openai_completions,
    "/v1/responses": openai_responses,
}
