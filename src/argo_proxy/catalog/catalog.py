"""The models there are, by every name they go by. A catalog never changes; a reload makes a new one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.errors import BadRequest, UnknownModel
from argo_proxy.catalog.facts import Facts
from argo_proxy.catalog.listing import ListedModel

PREFIX = "argo:"
_LONGEST_NAME = 200


class Catalog:
    """Looks models up by alias (prefix and case do not matter) or by the gateway's id."""

    def __init__(self, cards: Iterable[ModelCard]) -> None:
        self.cards = tuple(cards)
        self._by_name = {card.id.lower(): card for card in self.cards}
        self._by_name |= {name.lower(): card for card in reversed(self.cards) for name in card.names}

    def find(self, name: str) -> ModelCard | None:
        """The model of that name, if there is one."""
        return self._by_name.get(name.strip().lower().removeprefix(PREFIX))

    def get(self, name: str) -> ModelCard:
        """The model of that name. Raises UnknownModel with close matches."""
        card = self.find(name)
        if card is None:
            raise self._unknown(name)
        return card

    def chat(self, name: str) -> ModelCard:
        """The chat model of that name. Raises UnknownModel with close matches, BadRequest for another kind."""
        card = self.get(name)
        if card.kind != "chat":
            raise BadRequest(f"model '{name}' makes embeddings; ask for a chat model here", param="model")
        return card

    def embedding(self, name: str) -> ModelCard:
        """The embedding model of that name. Raises UnknownModel with close matches, BadRequest for another kind."""
        card = self.get(name)
        if card.kind != "embedding":
            raise BadRequest(f"model '{name}' makes no embeddings; argo:text-embedding-3-small does", param="model")
        return card

    def aliases(self) -> tuple[tuple[str, ModelCard], ...]:
        """Every alias with its model, in the order of the catalog."""
        return tuple((PREFIX + name, card) for card in self.cards for name in card.names)

    def _unknown(self, name: str) -> UnknownModel:
        """The error for a name that is not here."""
        shown = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
        known = [name for card in self.cards for name in card.names]
        close = difflib.get_close_matches(shown.strip().lower().removeprefix(PREFIX), known, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(PREFIX + found for found in close)}? " if close else ""
        return UnknownModel(f"model '{shown}' is not on ARGO; {hint}GET /v1/models lists all", param="model")


def named(asked: str | None, default: str) -> str:
    """The name that was asked for, else the default. Raises BadRequest when there is neither."""
    if asked is None and not default:
        raise BadRequest("'model' is missing, and this proxy has no default; GET /v1/models lists all", param="model")
    return default if asked is None else asked


def built_in(facts: Facts) -> Catalog:
    """The catalog that is known without asking the gateway."""
    return Catalog(facts.card(model_id, ()) for model_id in facts.models)


def from_listing(facts: Facts, listing: Iterable[ListedModel]) -> Catalog:
    """The catalog of what the gateway lists, and the embedding models, which its list leaves out."""
    cards = {model.id: facts.card(model.id, (model.name,)) for model in listing}
    extra = (card for card in built_in(facts).cards if card.kind == "embedding" and card.id not in cards)
    return Catalog((*cards.values(), *extra))
