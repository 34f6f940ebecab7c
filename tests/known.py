"""What many tests start from, read once: the model facts, a catalog of every known model, the encodings."""

from functools import cache
from itertools import count

import msgspec

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest
from argo_proxy.catalog.catalog import Catalog, from_listing
from argo_proxy.catalog.facts import Facts, load_facts
from argo_proxy.catalog.listing import parse_listing
from argo_proxy.relay.prepared import Shaped
from argo_proxy.relay.shaping import shape, transforms
from argo_proxy.simulator.models import list_models
from argo_proxy.tokens import TokenCounter, load_counter


@cache
def facts() -> Facts:
    return load_facts()


@cache
def catalog() -> Catalog:
    """The catalog that the gateway's own list gives, with the ids of the built-in table and the newer ones."""
    return from_listing(facts(), parse_listing(msgspec.json.encode(list_models("mixed"))))


def shaped(request: ChatRequest, card: ModelCard) -> Shaped:
    """The request after all transforms, with ids of calls that are counted: call_new1, call_new2 and so on."""
    numbers = count(1)
    return shape(request, card, transforms(lambda: f"call_new{next(numbers)}"))


def card(name: str) -> ModelCard:
    return catalog().chat(name)


@cache
def counter(name: str = "o200k_base") -> TokenCounter:
    return load_counter(name)
