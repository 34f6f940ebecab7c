"""`GET /v1/models`: every alias of every model, as OpenAI lists its own."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from argo_proxy.canonical.card import ModelCard
from argo_proxy.catalog.catalog import Catalog


class Model(Struct):
    id: str
    created: int
    owned_by: str
    internal_name: str
    object: Literal["model"] = "model"


class Models(Struct):
    data: list[Model]
    object: Literal["list"] = "list"


def render_list(catalog: Catalog, created_s: int) -> bytes:
    """All of them; `created` is when the list was read, for ARGO does not tell when a model was made."""
    return msgspec.json.encode(Models([_model(alias, card, created_s) for alias, card in catalog.aliases()]))


def render_model(catalog: Catalog, name: str, created_s: int) -> bytes:
    """One of them, under the name it was asked for. Raises UnknownModel."""
    return msgspec.json.encode(_model(name, catalog.get(name), created_s))


def _model(name: str, card: ModelCard, created_s: int) -> Model:
    return Model(name, created_s, card.provider, card.id)
