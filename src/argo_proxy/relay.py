"""The flow of one answer: model card, transforms, upstream, gateway, and back as events. Nothing else.

request ──► prepare ──► open ──► ARGO
events  ◄── Answer.next ◄── Pipeline ◄── bytes
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter

from msgspec import Struct
from msgspec.structs import replace

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest
from argo_proxy.canonical.errors import ProxyError, UpstreamError
from argo_proxy.canonical.events import Event, Events, ReplyFailed, ReplyFinished
from argo_proxy.canonical.spokes import Decoder, Stage
from argo_proxy.catalog.catalog import Catalog
from argo_proxy.gateway.endpoint import Endpoint
from argo_proxy.gateway.images import ImageFetcher
from argo_proxy.gateway.pool import Pool
from argo_proxy.gateway.response import Response
from argo_proxy.tokens import Tokenizers
from argo_proxy.transforms.accounting import AccountingStage, Meter
from argo_proxy.transforms.model_rules import fit
from argo_proxy.transforms.small_pieces import SmallPiecesStage
from argo_proxy.transforms.stop_sequences import StopStage
from argo_proxy.upstreams import UPSTREAMS
from argo_proxy.upstreams.faults import describe, error_from
from argo_proxy.upstreams.notices import NoticeStage

_ENDS = (ReplyFinished, ReplyFailed)
MAX_ANSWER_BYTES = 256 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
INLINE_BYTES = 32 * 1024
"""Bodies up to this size are worked on at once, a few milliseconds at most; larger ones in a thread."""


class Prepared(Struct, frozen=True):
    """A request that is ready to be sent: to which model, by which kind of call, in which bytes."""

    request: ChatRequest
    card: ModelCard
    streamed: bool
    body: bytes


class Waiting:
    """Adds up the time that is spent inside it, which is ARGO's."""

    def __init__(self) -> None:
        self.total_s = 0.0
        self._since_s = 0.0

    def __enter__(self) -> None:
        self._since_s = perf_counter()

    def __exit__(self, *_: object) -> None:
        self.total_s += perf_counter() - self._since_s


class Relay:
    """Sends requests to ARGO. `catalog` is replaced whole when the model list is read anew."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        pool: Pool,
        images: ImageFetcher,
        chat_url: str,
        stream_url: str,
        default_model: str,
        real_stream: bool,
    ) -> None:
        self.catalog = catalog
        self._pool = pool
        self._images = images
        self._tokenizers = Tokenizers()
        self._whole = Endpoint(chat_url, accept="application/json")
        self._stream = Endpoint(stream_url, accept="text/plain")
        self._default_model = default_model
        self._real_stream = real_stream

    async def prepare(self, request: ChatRequest, user: str) -> Prepared:
        """The call that the request asks for. Raises BadRequest for what the model cannot do."""
        if request.model is None:
            request = replace(request, model=self._default_model)
        card = self.catalog.chat(request.model or "")
        fitted = await self._images.inline(fit(request, card))
        body = UPSTREAMS[card.upstream].encode(fitted, card, user)
        return Prepared(fitted, card, is_streamed(fitted, card, real_stream=self._real_stream), body)

    async def open(self, prepared: Prepared, waiting: Waiting) -> Answer:
        """Send the call and wait until ARGO begins to answer. Raises ProxyError."""
        endpoint = self._stream if prepared.streamed else self._whole
        self._tokenizers.load(prepared.card.tokenizer)
        large = len(prepared.body) > INLINE_BYTES
        counting = asyncio.ensure_future(self._count_in_thread(prepared)) if large else None
        try:
            with waiting:
                response = await self._pool.send(endpoint.origin, endpoint.post(prepared.body))
            return Answer(response, await self._pipeline(prepared, response, counting), waiting)
        finally:
            if counting is not None:
                counting.cancel()

    async def _count_in_thread(self, prepared: Prepared) -> int:
        counter = await self._tokenizers.counter(prepared.card.tokenizer)
        return await asyncio.to_thread(counter.count_messages, prepared.request.messages)

    async def _pipeline(self, prepared: Prepared, response: Response, counting: asyncio.Future[int] | None) -> Pipeline:
        try:
            decoder = await _decoder(prepared, response)
            counter = await self._tokenizers.counter(prepared.card.tokenizer)
            messages = prepared.request.messages
            input_tokens = counter.count_messages(messages) if counting is None else await counting
        except BaseException:
            response.close()
            raise
        return Pipeline(decoder, stages_for(prepared, counter.meter(), input_tokens))


def is_streamed(request: ChatRequest, card: ModelCard, *, real_stream: bool) -> bool:
    """Whether to make a streamed call: for a client that streams, and for answers too long for a whole one."""
    limit = request.sampling.max_tokens or 0
    too_long = card.whole_output_tokens is not None and limit > card.whole_output_tokens
    return card.streams and (too_long or (request.stream and real_stream))


def stages_for(prepared: Prepared, meter: Meter, input_tokens: int) -> tuple[Stage, ...]:
    """What the reply passes through, in this order."""
    sampling = prepared.request.sampling
    stop = (StopStage(sampling.stop),) if sampling.stop else ()
    accounting = AccountingStage(meter, input_tokens, sampling, prepared.card)
    pieces = (SmallPiecesStage(),) if prepared.request.stream and not prepared.streamed else ()
    return (NoticeStage(), *stop, accounting, *pieces)


class Pipeline:
    """Bytes in, events out: a decoder and the stages after it. `ended` once the reply has finished or failed."""

    def __init__(self, decoder: Decoder, stages: Sequence[Stage]) -> None:
        self.ended = False
        self._decoder = decoder
        self._stages = stages

    def feed(self, data: bytes) -> Events:
        """The events that these bytes complete."""
        return self._pass(self._decoder.feed(data))

    def finish(self) -> Events:
        """The events that the end of the upstream's answer brings."""
        return () if self.ended else self._pass(self._decoder.finish())

    def fail(self, error: ProxyError) -> Events:
        """The event that the upstream broke off."""
        self.ended = True
        return (ReplyFailed(error),)

    def _pass(self, events: Events) -> Events:
        for stage in self._stages:
            passed: list[Event] = []
            for event in events:
                passed += stage.feed(event)
            events = passed
        for at, event in enumerate(events):
            if type(event) in _ENDS:
                self.ended = True
                return events[: at + 1]
        return events


class Answer:
    """One answer in progress; left before its end, ARGO's part of it is cancelled."""

    def __init__(self, response: Response, pipeline: Pipeline, waiting: Waiting) -> None:
        self._response = response
        self._pipeline = pipeline
        self._waiting = waiting
        self._undigested = 0

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()

    @property
    def ended(self) -> bool:
        """Whether its last event has been given."""
        return self._pipeline.ended

    async def next(self) -> Events:
        """The next events, waiting for some; never fails, for a failure is an event too."""
        events: Events = ()
        while not events and not self.ended:
            try:
                with self._waiting:
                    data = await self._response.read()
            except UpstreamError as error:
                return self._pipeline.fail(error)
            events = self._feed(data) if data else await self._finish()
        return events

    def _feed(self, data: bytes) -> Events:
        events = self._pipeline.feed(data)
        self._undigested = 0 if events else self._undigested + len(data)
        if self._undigested > MAX_ANSWER_BYTES:
            error = UpstreamError(f"ARGO's answer is longer than {MAX_ANSWER_BYTES} bytes", code="answer_too_large")
            return self._pipeline.fail(error)
        return events

    async def _finish(self) -> Events:
        if self._undigested <= INLINE_BYTES:
            return self._pipeline.finish()
        return await asyncio.to_thread(self._pipeline.finish)


async def _decoder(prepared: Prepared, response: Response) -> Decoder:
    """What fits the answer that came, which need not be the one that was asked for. Raises ProxyError."""
    upstream = UPSTREAMS[prepared.card.upstream]
    content_type = response.headers.get(b"content-type", b"")
    if response.status != 200:
        raise await _refusal(response)
    if not prepared.streamed or content_type.startswith(b"application/json"):
        return upstream.decode_whole()
    if content_type.startswith(b"text/html"):
        page = await response.read_start(MAX_ERROR_BYTES)
        raise UpstreamError(f"ARGO answered with a web page: {describe(page)}", code="bad_answer")
    return upstream.decode_stream()


async def _refusal(response: Response) -> ProxyError:
    retry_after = response.headers.get(b"retry-after")
    body = await response.read_start(MAX_ERROR_BYTES)
    return error_from(response.status, body, retry_after.decode("latin-1") if retry_after else None)
