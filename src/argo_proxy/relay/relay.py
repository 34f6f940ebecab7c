"""Sends requests to ARGO, and what comes back on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from os import urandom

from msgspec.structs import replace

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Message, Reply, Text
from argo_proxy.canonical.errors import BadRequest, ProxyError
from argo_proxy.canonical.spokes import Decoder
from argo_proxy.catalog.catalog import Catalog, named
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.gateway.images import ImageFetcher, links_in
from argo_proxy.gateway.response import Response
from argo_proxy.relay.answer import INLINE_BYTES, Answer, Pipeline, Waiting
from argo_proxy.relay.calls import Calls
from argo_proxy.relay.checked import CheckedAnswer
from argo_proxy.relay.prepared import Prepared, Shaped
from argo_proxy.relay.refusals import Refusal
from argo_proxy.relay.shaping import WITHOUT_TOOLS, concerns_tools, prepare, shape, stages_for, told_again, transforms
from argo_proxy.settings import Settings
from argo_proxy.tokens import LateMeter, TokenCounter, Tokenizers, TokenMeter
from argo_proxy.upstreams import UPSTREAMS
from argo_proxy.upstreams.faults import error_from
from argo_proxy.upstreams.page import PageDecoder

_MANY_MESSAGES = 200
"""Beyond so many, most of them stored ones that the body only refers to, a request is shaped in a thread."""


class Relay:
    """Sends requests to ARGO. `catalog` is replaced whole when the model list is read anew."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        calls: Calls,
        images: ImageFetcher,
        tokenizers: Tokenizers,
        settings: Settings,
    ) -> None:
        self.catalog = catalog
        self._calls = calls
        self._images = images
        self._tokenizers = tokenizers
        self._whole = Endpoint(settings.argo_url, accept="application/json")
        self._stream = Endpoint(settings.argo_stream_url, accept="text/plain")
        self._default_model = settings.default_chat_model
        self._real_stream = settings.real_stream
        self._tool_prompting = settings.tool_prompting
        self._checking = ThreadPoolExecutor(2, thread_name_prefix="checking")
        self._transforms = transforms(_new_call_id)

    async def prepare(self, request: ChatRequest, caller: Caller, size: int) -> Prepared:
        """The call that a request of `size` bytes asks for. Raises BadRequest for what the model cannot do."""
        model = named(request.model, self._default_model)
        card = self.catalog.chat(model)
        if model != request.model:
            request = replace(request, model=model)
        if request.prompt_tokens:
            request = await self._spelled_out(request, card)
        if self._tool_prompting:
            card = replace(card, tools=False)
        long = size > INLINE_BYTES or len(request.messages) > _MANY_MESSAGES
        if request.output is not None:  # a schema has to be checked, and what checks it has to be loaded
            shaped = await asyncio.get_running_loop().run_in_executor(self._checking, self._shape, request, card)
        else:
            shaped = await asyncio.to_thread(self._shape, request, card) if long else self._shape(request, card)
        if links_in(shaped.request):
            shaped = replace(shaped, request=await self._images.inline(shaped.request))
        if not long:
            return prepare(shaped, caller, real_stream=self._real_stream)
        return await asyncio.to_thread(prepare, shaped, caller, real_stream=self._real_stream)

    def _shape(self, request: ChatRequest, card: ModelCard) -> Shaped:
        return shape(request, card, self._transforms if concerns_tools(request) else WITHOUT_TOOLS)

    async def _spelled_out(self, request: ChatRequest, card: ModelCard) -> ChatRequest:
        """The request with its prompt as text. Raises BadRequest for what is no token of the model."""
        text = (await self._tokenizers.counter(card.tokenizer)).decode(request.prompt_tokens)
        if not text:
            raise BadRequest("'prompt' holds a number that is no token of this model", param="prompt")
        return replace(request, messages=(Message("user", (Text(text),)),), prompt_tokens=())

    async def count(self, prepared: Prepared) -> int:
        """The tokens that the call asks with."""
        counter = await self._tokenizers.counter(prepared.card.tokenizer)
        return await asyncio.to_thread(counter.count_request, prepared.request)

    def open(self, prepared: Prepared, waiting: Waiting) -> Coroutine[object, object, Answer | CheckedAnswer]:
        """Send the call and wait until ARGO begins to answer. Raises ProxyError."""
        return self._open_checked(prepared, waiting) if prepared.checks else self._open(prepared, waiting)

    async def _open_checked(self, prepared: Prepared, waiting: Waiting) -> CheckedAnswer:
        answer = await self._open(prepared, waiting)

        async def again(reply: Reply, complaint: str) -> Answer:
            return await self._open(told_again(prepared, reply, complaint), waiting)

        return CheckedAnswer(answer, prepared, again, self._checking)

    async def _open(self, prepared: Prepared, waiting: Waiting) -> Answer:
        endpoint = self._stream if prepared.streamed else self._whole
        counting = self._counting(prepared)
        late = counting if isinstance(counting, LateMeter) else None
        try:
            with waiting:
                outcome = await self._calls.make(endpoint, prepared.body, prepared.caller.client)
            if not isinstance(outcome, Response):
                raise error_of(outcome)
            answer = Answer(outcome, _pipeline(prepared, outcome, counting), waiting, late)
        except BaseException:
            if late is not None:
                late.close()
            raise
        if prepared.request.sampling.stop:
            await answer.settle()  # a stop sequence may end the answer at any moment
        return answer

    def _counting(self, prepared: Prepared) -> TokenCounter | LateMeter:
        """A large request is counted beside the call, and so is any as long as its tokenizer is not there."""
        counter = self._tokenizers.loaded(prepared.card.tokenizer)
        if counter is not None and len(prepared.body) <= INLINE_BYTES:
            return counter
        return LateMeter(asyncio.ensure_future(self._metered(prepared)))

    async def _metered(self, prepared: Prepared) -> TokenMeter:
        counter = await self._tokenizers.counter(prepared.card.tokenizer)
        return await asyncio.to_thread(counter.metered, prepared.request)


def _pipeline(prepared: Prepared, response: Response, counting: TokenCounter | LateMeter) -> Pipeline:
    """What the answer goes through. When that cannot be made, nobody will read the answer."""
    try:
        meter = counting if isinstance(counting, LateMeter) else counting.metered(prepared.request)
        return Pipeline(_decoder(prepared, response), stages_for(prepared, meter))
    except BaseException:
        response.close()
        raise


def _decoder(prepared: Prepared, response: Response) -> Decoder:
    """What fits the answer that came, which need not be the one that was asked for."""
    upstream = UPSTREAMS[prepared.card.upstream]
    if not prepared.streamed:
        return upstream.decode_whole()
    content_type = response.headers.get(b"content-type", b"")
    if content_type.startswith(b"application/json"):
        return upstream.decode_whole()
    if content_type.startswith(b"text/html"):
        return PageDecoder()
    return upstream.decode_stream()


def error_of(refusal: Refusal) -> ProxyError:
    """The error that it tells."""
    return error_from(refusal.status, refusal.body, refusal.retry_after)


def _new_call_id() -> str:
    return f"call_{urandom(12).hex()}"
