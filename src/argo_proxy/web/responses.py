"""`POST /v1/responses` and what counts or compacts its requests. What is stored of them: stored_responses.py."""

from __future__ import annotations

from collections.abc import Callable
from time import time

from argo_proxy.canonical.chat import ChatRequest
from argo_proxy.dialects import openai_responses as dialect
from argo_proxy.relay import Prepared, Relay
from argo_proxy.web.access import Access
from argo_proxy.web.background import Background
from argo_proxy.web.delivery import Delivery
from argo_proxy.web.http import Http
from argo_proxy.web.memory import Memory
from argo_proxy.web.sized import sized


class Responses:
    """Answers requests for responses, each with all that it goes on from."""

    def __init__(
        self,
        relay: Relay,
        delivery: Delivery,
        access: Access,
        memory: Memory,
        background: Background,
        *,
        max_body_bytes: int,
    ) -> None:
        self._relay = relay
        self._delivery = delivery
        self._access = access
        self._memory = memory
        self._background = background
        self._max_body_bytes = max_body_bytes

    async def create(self, http: Http) -> None:
        """A new response: whole, as a stream, or in the background."""
        prepared = await self._prepared(http, await self._asked(http, dialect.parse))
        self._memory.admit(prepared)
        if dialect.asked_in(prepared.request).body.background:
            await self._in_background(http, prepared)
        elif prepared.request.stream:
            await self._stream(http, prepared)
        else:
            await self._whole(http, prepared)

    async def count(self, http: Http) -> None:
        """How many tokens the request would ask with."""
        request = await self._asked(http, dialect.parse)
        prepared = await self._prepared(http, request)
        http.record.input_tokens = await self._relay.count(prepared)
        http.respond(200, dialect.render_count(http.record.input_tokens))

    async def compact(self, http: Http) -> None:
        """A conversation made short by the model."""
        request = await self._asked(http, dialect.parse_compaction)
        prepared = await self._prepared(http, dialect.summarizing(request))
        (reply,) = await self._delivery.collect(http, [prepared])
        http.respond(200, dialect.render_compaction(prepared.request, reply, http.id, int(time())))

    async def _asked(self, http: Http, parse: Callable[[bytes], ChatRequest]) -> ChatRequest:
        """The request with all that it goes on from. Raises BadRequest."""
        body = await http.body(self._max_body_bytes)
        request = await sized(len(body), parse, body)
        return await self._memory.recall(request, self._access.owner(http))

    async def _prepared(self, http: Http, request: ChatRequest) -> Prepared:
        (prepared,) = await self._delivery.prepare(http, request, self._access.caller(http))
        return prepared

    async def _whole(self, http: Http, prepared: Prepared) -> None:
        request, created_s = prepared.request, int(time())
        (reply,) = await self._delivery.collect(http, [prepared])
        response = dialect.whole(request, reply, http.id, created_s, int(time()))
        await self._memory.keep(prepared, self._access.owner(http), http.id, response)
        http.respond(200, dialect.encode(response))

    async def _stream(self, http: Http, prepared: Prepared) -> None:
        request, owner = prepared.request, self._access.owner(http)
        renderer = dialect.ResponseStream(request, http.id, int(time()))

        async def last() -> bytes:
            """The end is told when the response is kept, for the client may go on from it at once."""
            renderer.conclude(int(time()))
            await self._memory.keep(prepared, owner, http.id, renderer.response)
            return renderer.finish()

        await self._delivery.stream(http, [prepared], renderer, last)
        if renderer.response.status == "failed":  # it has told its id
            await self._memory.keep(prepared, owner, http.id, renderer.response)

    async def _in_background(self, http: Http, prepared: Prepared) -> None:
        run = await self._background.start(self._relay, prepared, self._access.owner(http), http.id)
        if prepared.request.stream:
            await self._delivery.follow(http, run.events_from(0))
        else:
            http.respond(200, dialect.encode(run.response))
