"""What responses remember of each other: the conversation that one goes on from, and what is kept of it afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from argo_proxy.canonical.chat import ChatRequest
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects import openai_responses as dialect
from argo_proxy.relay import Prepared
from argo_proxy.state import ResponseStore, StoredResponse, check_size
from argo_proxy.web.sized import sized


class Memory:
    """The stored responses of all owners."""

    def __init__(self, store: ResponseStore) -> None:
        self._store = store

    async def find(self, response_id: str, owner: str) -> StoredResponse:
        """The response. Raises BadRequest 404 when the owner has none of that id."""
        stored = await self._store.get(response_id, owner)
        if stored is None:
            raise BadRequest(f"Response with id '{response_id[:100]}' not found.", status=404, code="not_found")
        return stored

    async def forget(self, response_id: str, owner: str) -> None:
        """Delete the response. Raises BadRequest 404 when the owner has none of that id."""
        await self.find(response_id, owner)
        await self._store.delete(response_id, owner)

    async def recall(self, request: ChatRequest, owner: str) -> ChatRequest:
        """The request with all that it goes on from. Raises BadRequest for what is not there."""
        previous_id = dialect.asked_in(request).body.previous_response_id
        named = dialect.referred(request)
        if previous_id is None and not named:
            return request
        history = () if previous_id is None else await self._history(previous_id, owner)
        found = await self._referred(named, owner)
        return await asyncio.to_thread(dialect.continued, request, history, found)

    def admit(self, prepared: Prepared) -> None:
        """Raises BadRequest 413 for a conversation that cannot be stored, before anybody answers it in vain."""
        if dialect.asked_in(prepared.request).stored:
            check_size(len(prepared.body), self._store.limits)

    async def expects(self, response_id: str, owner: str) -> bool:
        """Whether the response is still to be completed: another process may have cancelled or deleted it."""
        stored = await self._store.get(response_id, owner)
        return stored is not None and dialect.stands(stored.body)[0] in dialect.UNFINISHED

    async def cancel(self, stored: StoredResponse) -> None:
        """Keep that nobody wants the response any more, which is made by another process."""
        await self._store.put(replace(stored, body=dialect.cancelled(stored.body)))

    async def interrupt(self, response_id: str, owner: str) -> None:
        """Keep that the response has no end, for the process that made it is no more."""
        stored = await self._store.get(response_id, owner)
        if stored is not None and dialect.stands(stored.body)[0] in dialect.UNFINISHED:
            await self._store.put(replace(stored, body=dialect.interrupted(stored.body)))

    async def keep(self, prepared: Prepared, owner: str, reply_id: str, response: dialect.Response) -> None:
        """Store the response, as it stands, if its client has not asked for the contrary. Raises StateError."""
        request = prepared.request
        if dialect.asked_in(request).stored:
            items = await sized(len(prepared.body), dialect.conversation_of, request, reply_id)
            body = dialect.encode(response)
            await self._store.put(StoredResponse(response.id, owner, response.created_at, body, items))

    async def _history(self, response_id: str, owner: str) -> Sequence[dialect.Item]:
        stored = await self._store.get(response_id, owner)
        if stored is None:
            message = f"Previous response with id '{response_id[:100]}' not found."
            code = "previous_response_not_found"
            raise BadRequest(message, param="previous_response_id", code=code)
        if dialect.stands(stored.body)[0] in dialect.UNFINISHED:
            message = (
                f"Previous response with id '{response_id[:100]}' has no answer as yet; wait until it is completed."
            )
            raise BadRequest(message, param="previous_response_id")
        return await _items_of(stored)

    async def _referred(self, item_ids: Sequence[str], owner: str) -> Sequence[dialect.Item]:
        """The items, and others: the last of them comes first, for before it the earlier ones mostly stand too."""
        found: dict[str | None, dialect.Item] = {}
        asked: set[str] = set()
        for item_id in reversed(item_ids):
            reply_id = dialect.reply_of(item_id)
            if reply_id is not None and reply_id not in asked and item_id not in found:
                asked.add(reply_id)
                found |= {item.id: item for item in await self._items(dialect.response_id(reply_id), owner)}
        return tuple(found.values())

    async def _items(self, response_id: str, owner: str) -> Sequence[dialect.Item]:
        stored = await self._store.get(response_id, owner)
        return () if stored is None else await _items_of(stored)


async def _items_of(stored: StoredResponse) -> Sequence[dialect.Item]:
    return await sized(stored.size, dialect.history_of, stored.body, stored.items)
