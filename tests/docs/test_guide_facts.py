"""What the guide says in passing is so: defaults, limits, and what is done with which model."""

from __future__ import annotations

import dataclasses
import re

import pytest

from argo_proxy.cli.checkup_network import NAMES
from argo_proxy.settings import Settings
from argo_proxy.settings.table import keys
from argo_proxy.transforms.structured_output import MAX_SCHEMA_BYTES
from argo_proxy.web.site import OPEN_TO_ALL
from tests.docs.guide import OF_OLDER_VERSIONS, PAGES
from tests.known import catalog, facts

DEFAULTS = dataclasses.asdict(Settings(user="jdoe"))
UNIT_S = {"s": 1, "min": 60, "minutes": 60}
BEGINNINGS = "argo|state|default|max|keep|connect|upstream|drain|model_refresh|resolve|cors|tool_prompt|real|skip|log"
OTHERS = {"max_tokens", "max_completion_tokens", "max_retries"}
"""Of requests and of clients."""


def told(pattern: str) -> list[tuple[str, str, str]]:
    """A number, its unit and the key that it is the default of, wherever they stand in this order."""
    return [found for text in PAGES.values() for found in re.findall(pattern, text)]


def test_every_time_that_stands_before_its_key_is_the_default() -> None:
    found = [*told(r"(\d+) (s|min|minutes) \(`(\w+_s)`\)"), *told(r"\| (\d+) (s) \| `(\w+_s)` \|")]
    assert len(found) > 4
    assert [one for one in found if int(one[0]) * UNIT_S[one[1]] != DEFAULTS[one[2]]] == []


@pytest.mark.parametrize("page", sorted(PAGES.keys() - {OF_OLDER_VERSIONS}))
def test_every_key_that_is_told_of_exists(page: str) -> None:
    """A key in a sentence is known by how it begins."""
    named = re.findall(rf"`((?:{BEGINNINGS})_\w+)`", PAGES[page])
    assert {*named} - {*keys()} - OTHERS == set()


def test_the_embedding_models_are_all_there() -> None:
    rows = re.findall(r"^\| `(argo:[\w-]+)` \| (\d+) \| (yes|no) \|$", PAGES["embeddings.md"], re.MULTILINE)
    cards = [catalog().embedding(name) for name, _, _ in rows]
    assert {card.id for card in cards} == {card.id for card in catalog().cards if card.kind == "embedding"}
    assert [(str(card.dimensions), "yes" if card.shortens else "no") for card in cards] == [row[1:] for row in rows]
    assert all(f"at most {card.context_tokens:,} tokens" in PAGES["embeddings.md"] for card in cards)


def test_the_models_without_tools_are_named() -> None:
    without = {card.id for card in catalog().cards if card.kind == "chat" and not card.tools}
    [row] = [line for line in PAGES["tools.md"].splitlines() if line.startswith("| prompted |")]
    assert {catalog().chat(name).id for name in re.findall(r"`(argo:[\w.-]+)`", row)} == without


def test_the_limit_of_answers_with_tools_is_the_one_told() -> None:
    limits = {card.provider: card.whole_output_tokens for card in catalog().cards if card.whole_output_tokens}
    assert limits == {"anthropic": 21_000}
    assert "Claude's answers with tools have at most 21,000 tokens" in PAGES["tools.md"]


def test_the_longest_schema_is_the_one_told() -> None:
    assert f"at most {MAX_SCHEMA_BYTES // 1024} KiB" in PAGES["structured-output.md"]


def test_the_names_of_a_model_are_names_of_one_model() -> None:
    named = re.findall(
        r"`((?:argo:)?[\w.-]+)`", PAGES["models.md"].partition("| name | example |")[2].partition("\n\n")[0]
    )
    assert {catalog().chat(name).id for name in named} == {"gpt4o", "claudesonnet4", "gpto3mini"}
    assert facts().models.keys() >= {"gpt4o", "claudesonnet4", "gpto3mini"}


def test_the_pages_that_need_no_key_are_named() -> None:
    [told] = re.findall(r"^These pages need no key: (.*)\.", PAGES["shared-machines.md"], re.MULTILINE)
    assert {*re.findall(r"`(\S+)`", told)} == OPEN_TO_ALL


def test_the_lines_of_doctor_that_are_explained_are_its_own() -> None:
    table = PAGES["networks.md"].partition("| line of `doctor` |")[2].partition("\n\n")[0]
    told = {line for row in re.findall(r"^\| ([^|`-]+) \|", table, re.MULTILINE) for line in row.split(", ")}
    assert told == {"DNS", "TLS", "clock", *NAMES.values()}
