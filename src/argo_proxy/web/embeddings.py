"""`POST /v1/embeddings`: parse, embed, render."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from argo_proxy.canonical.embeddings import Text
from argo_proxy.dialects import openai_embeddings
from argo_proxy.relay import INLINE_BYTES
from argo_proxy.relay.embedding import Embedder
from argo_proxy.relay.prepared import PreparedEmbedding
from argo_proxy.web.access import Access
from argo_proxy.web.deadline import time_limit
from argo_proxy.web.http import Http

_INLINE_VECTORS = 64
"""Up to so many vectors are put together at once: about a millisecond."""


class EmbeddingsExchange:
    """Answers requests for embeddings."""

    def __init__(self, embedder: Embedder, access: Access, *, max_body_bytes: int) -> None:
        self._embedder = embedder
        self._access = access
        self._max_body_bytes = max_body_bytes

    async def handle(self, http: Http) -> None:
        """Read the request and answer it. Raises ProxyError as long as nothing has been sent."""
        caller = self._access.caller(http)
        body = await http.body(self._max_body_bytes)
        small, parse = len(body) <= INLINE_BYTES, openai_embeddings.parse
        request = parse(body) if small else await asyncio.to_thread(parse, body)
        prepared = await self._embedder.prepare(request, caller)
        http.record.model, http.record.family = prepared.request.model, prepared.card.provider
        http.record.input_tokens, http.record.output_tokens = prepared.tokens, 0
        async with time_limit(request.timeout_s):
            answer = await self._answer(http, prepared)
        http.respond(200, answer)

    async def _answer(self, http: Http, prepared: PreparedEmbedding) -> Sequence[Text]:
        found = await self._embedder.embed(prepared, http.waiting)
        if len(prepared.texts) <= _INLINE_VECTORS:
            return openai_embeddings.render(prepared.request, found)
        return await asyncio.to_thread(openai_embeddings.render, prepared.request, found)
