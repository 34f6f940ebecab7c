"""One handler for every dialect whose requests stand for themselves: parse, relay, render."""

from __future__ import annotations

import asyncio
from time import time

from argo_proxy.canonical.spokes import Dialect
from argo_proxy.relay import INLINE_BYTES
from argo_proxy.web.access import Access
from argo_proxy.web.delivery import Delivery
from argo_proxy.web.http import Http


class Exchange:
    """Answers the requests of one dialect."""

    def __init__(self, dialect: Dialect, delivery: Delivery, access: Access, *, max_body_bytes: int) -> None:
        self._dialect = dialect
        self._delivery = delivery
        self._access = access
        self._max_body_bytes = max_body_bytes

    async def handle(self, http: Http) -> None:
        """Read the request and answer it. Raises ProxyError as long as nothing has been sent."""
        caller = self._access.caller(http)
        body = await http.body(self._max_body_bytes)
        parse = self._dialect.parse
        asked = parse(body) if len(body) <= INLINE_BYTES else await asyncio.to_thread(parse, body)
        prepared = await self._delivery.prepare(http, asked, caller)
        request = prepared[0].request
        if not request.stream:
            replies = await self._delivery.collect(http, prepared)
            http.respond(200, self._dialect.render_whole(request, replies, http.id, int(time())))
            return
        renderer = self._dialect.render_stream(request, http.id, int(time()))

        async def last() -> bytes:
            return renderer.finish()

        await self._delivery.stream(http, prepared, renderer, last)
