"""The flow of a request for embeddings: texts in batches, side by side, to ARGO; vectors back in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.embeddings import EmbeddingRequest, Embeddings, Input, Text
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.catalog.catalog import named
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.gateway.together import together
from argo_proxy.relay.answer import INLINE_BYTES, Waiting
from argo_proxy.relay.calls import Calls
from argo_proxy.relay.prepared import PreparedEmbedding
from argo_proxy.relay.refusals import Refusal
from argo_proxy.relay.relay import Relay, error_of
from argo_proxy.settings import Settings
from argo_proxy.tokens import TokenCounter, Tokenizers
from argo_proxy.transforms.vectors import packed, shortened
from argo_proxy.upstreams.resource import embed

SIDE_BY_SIDE = 8
MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""Sixteen vectors of 3,072 numbers are about 1 MB, on which the work takes two milliseconds or three."""


class Embedder:
    """Sends requests for embeddings. Shares the relay's catalog."""

    def __init__(self, relay: Relay, calls: Calls, tokenizers: Tokenizers, settings: Settings) -> None:
        self._relay = relay
        self._calls = calls
        self._tokenizers = tokenizers
        self._endpoint = Endpoint(settings.argo_embedding_url, accept="application/json")
        self._default_model = settings.default_embedding_model

    async def prepare(self, request: EmbeddingRequest, caller: Caller) -> PreparedEmbedding:
        """The texts, as tokens count them. Raises BadRequest for a wrong model, size, or input."""
        model = named(request.model, self._default_model)
        request, card = replace(request, model=model), self._relay.catalog.embedding(model)
        _check_dimensions(request, card)
        counter = await self._tokenizers.counter(card.tokenizer)
        if sum(map(len, request.inputs)) <= INLINE_BYTES:
            texts, tokens = _measured(request.inputs, card, counter)
        else:
            texts, tokens = await asyncio.to_thread(_measured, request.inputs, card, counter)
        return PreparedEmbedding(request, card, caller, texts, tokens)

    async def embed(self, prepared: PreparedEmbedding, waiting: Callable[[], Waiting]) -> Embeddings:
        """The vectors. Raises ProxyError; when one batch fails, the others are given up.

        Each batch is worked on when it has come, beside the wait for the others; `waiting` makes what adds up its own.
        """
        size, texts = embed.MAX_PROMPTS, prepared.texts
        slots = asyncio.Semaphore(SIDE_BY_SIDE)
        batches = [texts[at : at + size] for at in range(0, len(texts), size)]
        found = await together(self._batch(prepared, batch, slots, waiting()) for batch in batches)
        return Embeddings(tuple(vector for batch in found for vector in batch), prepared.tokens)

    async def _batch(
        self, prepared: PreparedEmbedding, texts: Sequence[str], slots: asyncio.Semaphore, waiting: Waiting
    ) -> Sequence[Text]:
        body = embed.encode(texts, prepared.card, prepared.caller.user)
        with waiting:
            async with slots:
                answer = await self._ask(body, prepared.caller.client)
        return _vectors(prepared.request, answer, len(texts))

    async def _ask(self, body: bytes, client: str) -> bytes:
        answer = await self._calls.make(self._endpoint, body, client)
        if isinstance(answer, Refusal):
            raise error_of(answer)
        try:
            return await answer.read_all(MAX_ANSWER_BYTES)
        finally:
            answer.close()


def _vectors(request: EmbeddingRequest, answer: bytes, count: int) -> Sequence[Text]:
    """The vectors of one answer in the form that was asked for; in ARGO's own where that will do."""
    if request.dimensions is None and not request.packed:
        return embed.decode(answer, count)
    write = packed if request.packed else msgspec.json.encode
    return [write(shortened(numbers, request.dimensions)) for numbers in embed.decode_numbers(answer, count)]


def _check_dimensions(request: EmbeddingRequest, card: ModelCard) -> None:
    if request.dimensions is None:
        return
    if not card.shortens:
        raise BadRequest(f"model '{request.model}' has no choice of dimensions", param="dimensions")
    if card.dimensions is not None and request.dimensions > card.dimensions:
        message = f"model '{request.model}' has at most {card.dimensions} dimensions, not {request.dimensions}"
        raise BadRequest(message, param="dimensions")


def _measured(inputs: Sequence[Input], card: ModelCard, counter: TokenCounter) -> tuple[tuple[str, ...], int]:
    """The inputs as texts, and their tokens. Raises BadRequest for one that is too long, or is no tokens."""
    counts = [counter.count(given) if isinstance(given, str) else len(given) for given in inputs]
    for index, count in enumerate(counts):
        if card.context_tokens is not None and count > card.context_tokens:
            message = (
                f"'input[{index}]' has {count} tokens; model '{card.names[0]}' takes at most {card.context_tokens}"
            )
            raise BadRequest(message, param=f"input[{index}]", code="context_length_exceeded")
    return tuple(_text(index, given, counter) for index, given in enumerate(inputs)), sum(counts)


def _text(index: int, given: Input, counter: TokenCounter) -> str:
    if isinstance(given, str):
        return given
    text = counter.decode(given)
    if not text:
        raise BadRequest(f"'input[{index}]' holds a number that is no token of this model", param=f"input[{index}]")
    return text
