"""What is kept of a response: the response object, and the conversation that it answered, item by item."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from argo_proxy.canonical.chat import ChatRequest, JsonObject
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.openai_responses.items import Item, with_ids
from argo_proxy.dialects.openai_responses.request import asked_in

DEFAULT_PAGE, LONGEST_PAGE = 20, 100
UNFINISHED = ("queued", "in_progress")
"""How a kept response stands that has no answer as yet."""


class Page(Struct):
    data: Sequence[Item]
    first_id: str | None
    last_id: str | None
    has_more: bool
    object: str = "list"


class Deleted(Struct):
    id: str
    object: str = "response"
    deleted: bool = True


class _Answered(Struct):
    output: list[Item]


class _Stands(Struct):
    status: str
    background: bool = False


_ITEMS = msgspec.json.Decoder(list[Item])
_ANSWERED = msgspec.json.Decoder(_Answered)
_STANDS = msgspec.json.Decoder(_Stands)


def conversation_of(request: ChatRequest, reply_id: str) -> bytes:
    """The conversation as it is kept: a JSON array of items that all have ids."""
    asked = asked_in(request)
    return msgspec.json.encode([*asked.history, *with_ids(asked.items, reply_id)])


def history_of(body: bytes, items: bytes) -> tuple[Item, ...]:
    """The items that go before what comes after a kept response: what it answered, and its answer."""
    return (*_ITEMS.decode(items), *_ANSWERED.decode(body).output)


def stands(body: bytes) -> tuple[str, bool]:
    """The status of a kept response, and whether it is made in the background."""
    kept = _STANDS.decode(body)
    return kept.status, kept.background


def interrupted(body: bytes) -> bytes:
    """The response object of one that was never finished, and never will be."""
    error = {"code": "server_error", "message": "argo-proxy was stopped before the end of this response"}
    return _changed(body, status="failed", error=error)


def cancelled(body: bytes) -> bytes:
    """The response object of one that nobody wants any more."""
    return _changed(body, status="cancelled")


def render_page(items: bytes, *, after: str | None, limit: int, order: str) -> bytes:
    """A `list` of the items that a response answered, the newest first unless `order` is `asc`. Raises BadRequest."""
    if not 1 <= limit <= LONGEST_PAGE:
        raise BadRequest(f"'limit' is 1 to {LONGEST_PAGE}, not {limit}", param="limit")
    if order not in ("asc", "desc"):
        raise BadRequest(f"'order' is asc or desc, not '{order[:20]}'", param="order")
    listed = _ITEMS.decode(items)
    if order == "desc":
        listed.reverse()
    start = 0 if after is None else _place(listed, after) + 1
    data = listed[start : start + limit]
    first, last = (data[0].id, data[-1].id) if data else (None, None)
    return msgspec.json.encode(Page(data, first, last, start + limit < len(listed)))


def render_deleted(response_id: str) -> bytes:
    """The answer to a request to delete a response."""
    return msgspec.json.encode(Deleted(response_id))


def _changed(body: bytes, **fields: object) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(body, type=JsonObject), **fields})


def _place(items: Sequence[Item], item_id: str) -> int:
    for index, item in enumerate(items):
        if item.id == item_id:
            return index
    raise BadRequest(f"'after' names no item of this response: '{item_id[:100]}'", param="after")
