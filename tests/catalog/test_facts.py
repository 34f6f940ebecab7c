import pytest
from msgspec import structs

from argo_proxy.canonical.card import ModelCard
from tests.known import facts

NEWER = (
    "gpt5", "gpt5mini", "gpt5nano", "gpt51", "gpt52", "gpt54", "gpt54mini", "gpt54nano", "gpt55", "gemini35flash",
    "gemini31flashlite", "claudeopus41", "claudeopus45", "claudeopus46", "claudeopus47", "claudeopus48",
    "claudesonnet45", "claudesonnet46", "claudesonnet5", "claudehaiku45", "claudeopus5",
)  # fmt: skip
FAMILIES = ("", "gpt", "gemini", "claude", "ada", "v3")


def test_the_longest_beginning_has_the_last_word() -> None:
    card = facts().card("gpt35large", ())
    assert (card.provider, card.tokenizer, card.context_tokens) == ("openai", "cl100k_base", 16_384)


def test_every_beginning_is_that_of_a_known_model() -> None:
    known = (*facts().models, *NEWER)
    assert [start for start in facts().cards if not any(f"{model}$".startswith(start) for model in known)] == []


def test_every_fact_is_one_that_a_card_has_and_says_something() -> None:
    fields = {field.name for field in structs.fields(ModelCard)} - {"id", "names"}
    said = {name for told in facts().cards.values() for name in told}
    assert said == fields
    assert all(facts().cards.values())


@pytest.mark.parametrize("prefix", [prefix for prefix in facts().cards if prefix not in FAMILIES])
def test_a_model_says_nothing_that_its_family_says(prefix: str) -> None:
    shorter = facts().card(f"{prefix[:-1]}~", ())
    for name, value in facts().cards[prefix].items():
        before = getattr(shorter, name)
        assert (list(before) if isinstance(before, tuple) else before) != value, f"{prefix}.{name}"


@pytest.mark.parametrize(("prefix", "provider"), [("gpt", "openai"), ("gemini", "google"), ("claude", "anthropic")])
def test_a_model_that_appears_tomorrow_has_the_facts_of_its_family(prefix: str, provider: str) -> None:
    card = facts().card(f"{prefix}tomorrow", (f"{prefix}-tomorrow",))
    assert (card.provider, card.names) == (provider, (f"{prefix}-tomorrow",))
    assert card.upstream.startswith("resource_")


def test_a_model_of_an_unknown_family_gets_a_card() -> None:
    card = facts().card("llama4", ("llama-4",))
    assert (card.id, card.names, card.provider, card.upstream) == ("llama4", ("llama-4",), "argo", "resource_openai")


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("gpt-o3-mini", ("gpt-o3-mini", "o3-mini")),
        ("gpt-o1", ("gpt-o1", "o1")),
        ("gpt-4o", ("gpt-4o",)),
        ("claude-opus-4.1", ("claude-opus-4.1", "claude-4.1-opus")),
        ("claude-haiku-4.5", ("claude-haiku-4.5", "claude-4.5-haiku")),
        ("claude-sonnet-3.5-v2", ("claude-sonnet-3.5-v2", "claude-3.5-sonnet-v2")),
        ("claude-opus-5", ("claude-opus-5", "claude-5-opus")),
        ("claude-4-opus", ("claude-4-opus",)),
        ("gemini-2.5-pro", ("gemini-2.5-pro",)),
    ],
)
def test_second_names_follow_from_the_first(name: str, names: tuple[str, ...]) -> None:
    assert facts().card("new", (name,)).names == names


def test_a_name_that_is_known_already_is_not_repeated() -> None:
    assert facts().card("gpt4o", ("gpt-4o", "gpt-4o")).names == ("gpt-4o",)
