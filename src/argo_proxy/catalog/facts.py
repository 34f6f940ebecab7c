"""Reads models.yaml, and makes a card of what it says about a gateway id."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources import files

import msgspec
from msgspec import Struct

from argo_proxy.canonical.card import ModelCard


class AliasRule(Struct, frozen=True, forbid_unknown_fields=True):
    """A name that `pattern` matches has a second form, `also`."""

    pattern: str
    also: str


class Facts(Struct, frozen=True, forbid_unknown_fields=True):
    """The contents of models.yaml."""

    cards: dict[str, dict[str, object]]
    aliases: tuple[AliasRule, ...]
    models: dict[str, tuple[str, ...]]

    def card(self, model_id: str, names: Iterable[str]) -> ModelCard:
        """The card of a gateway id, under these names and those known for it."""
        fitting = sorted((beginning for beginning in self.cards if f"{model_id}$".startswith(beginning)), key=len)
        merged: dict[str, object] = {}
        for beginning in fitting:
            merged |= self.cards[beginning]
        merged |= {"id": model_id, "names": self._all_names((*self.models.get(model_id, ()), *names))}
        return msgspec.convert(merged, ModelCard)

    def _all_names(self, names: Iterable[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for name in names:
            found[name] = None
            for rule in self.aliases:
                if re.match(rule.pattern, name):
                    found[re.sub(rule.pattern, rule.also, name)] = None
        return tuple(found)


def load_facts() -> Facts:
    """The facts that come with this version."""
    from ruamel.yaml import YAML

    text = (files("argo_proxy.catalog") / "models.yaml").read_text(encoding="utf-8")
    loaded: object = YAML(typ="safe", pure=True).load(text)  # pyright: ignore[reportUnknownMemberType]
    return msgspec.convert(loaded, Facts)
