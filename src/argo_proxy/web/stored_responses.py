"""What can be asked about a response by its id: the response, what it answered, and to end or forget it."""

from __future__ import annotations

import asyncio

from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects import openai_responses as dialect
from argo_proxy.web.access import Access
from argo_proxy.web.background import Background
from argo_proxy.web.delivery import Delivery
from argo_proxy.web.http import Http
from argo_proxy.web.memory import Memory


class StoredResponses:
    """One handler for each."""

    def __init__(self, delivery: Delivery, access: Access, memory: Memory, background: Background) -> None:
        self._delivery = delivery
        self._access = access
        self._memory = memory
        self._background = background

    async def show(self, http: Http) -> None:
        """The response as it stands; with `stream=true` the events of one made in the background."""
        if http.method == "GET" and http.query.get("stream") in ("true", "1"):
            await self._follow(http)
        else:
            http.respond(200, await self._body(http))

    async def list_items(self, http: Http) -> None:
        """The conversation that it answered, page by page."""
        stored = await self._memory.find(http.target, self._access.owner(http))
        limit = _number(http, "limit", dialect.DEFAULT_PAGE)
        after, order = http.query.get("after"), http.query.get("order", "desc")
        page = asyncio.to_thread(dialect.render_page, stored.items, after=after, limit=limit, order=order)
        http.respond(200, await page)

    async def cancel(self, http: Http) -> None:
        """End one that is made in the background; of one that has ended, nothing changes."""
        owner = self._access.owner(http)
        stored = await self._memory.find(http.target, owner)
        if not dialect.stands(stored.body)[1]:
            raise BadRequest('only a response with "background": true can be cancelled: end the request instead')
        await self._background.cancel(http.target, owner)
        if await self._memory.expects(http.target, owner):
            await self._memory.cancel(stored)
        http.respond(200, await self._body(http))

    async def delete(self, http: Http) -> None:
        """Forget it."""
        owner = self._access.owner(http)
        await self._background.cancel(http.target, owner)
        await self._memory.forget(http.target, owner)
        self._background.forget(http.target, owner)
        http.respond(200, dialect.render_deleted(http.target))

    async def _body(self, http: Http) -> bytes:
        owner = self._access.owner(http)
        stored = await self._memory.find(http.target, owner)
        if dialect.stands(stored.body)[0] not in dialect.UNFINISHED:
            return stored.body
        run = self._background.find(http.target, owner)
        if run is not None:
            return dialect.encode(run.response)
        lost = stored.created_s <= self._background.since_s  # else another process makes it
        return dialect.interrupted(stored.body) if lost else stored.body

    async def _follow(self, http: Http) -> None:
        owner = self._access.owner(http)
        await self._memory.find(http.target, owner)
        run = self._background.find(http.target, owner)
        if run is None:
            raise BadRequest("this response cannot be streamed any more, or never could; ask for it whole")
        await self._delivery.follow(http, run.events_from(_number(http, "starting_after", -1) + 1))


def _number(http: Http, name: str, default: int) -> int:
    given = http.query.get(name, "")
    if not given:
        return default
    if not given.isdecimal() or len(given) > 9:
        raise BadRequest(f"'{name}' is a whole number, not '{given[:20]}'", param=name)
    return int(given)
