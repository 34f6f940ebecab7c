"""The gateway's own list of models, in both of its shapes.

Older: `{"data": [{"id": "gpt4o", "model_name": "GPT-4o"}]}`.
Newer: `{"data": [{"id": "GPT-4o", "internal_id": "gpt4o", "object": "model", ..}]}`.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from argo_proxy.canonical.errors import UpstreamError


class ListedModel(Struct, frozen=True):
    """A model as the gateway lists it: its id, and its display name in the form of an alias (`gpt-4o`)."""

    id: str
    name: str


class _Entry(Struct):
    id: str
    internal_id: str | None = None
    model_name: str | None = None


class _List(Struct):
    data: list[_Entry]


def parse_listing(body: bytes) -> tuple[ListedModel, ...]:
    """The models listed. Raises UpstreamError when the body is no such list, or an empty one."""
    try:
        entries = msgspec.json.decode(body, type=_List).data
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamError(f"ARGO's model list cannot be read: {error}", code="bad_answer") from error
    if not entries:
        raise UpstreamError("ARGO's model list is empty", code="empty_answer")
    return tuple(_listed(entry) for entry in entries)


def _listed(entry: _Entry) -> ListedModel:
    display_name = entry.model_name or entry.id
    return ListedModel(entry.internal_id or entry.id, "-".join(display_name.lower().split()))
