import pytest

from argo_proxy.canonical.errors import BadRequest, UnknownModel
from argo_proxy.catalog.catalog import Catalog, built_in, from_listing
from argo_proxy.catalog.listing import ListedModel
from tests.known import catalog, facts

BUILT_IN = built_in(facts())
NAMES = {
    "gpt35": ["gpt-3.5-turbo"],
    "gpt35large": ["gpt-3.5-turbo-16k"],
    "gpt4": ["gpt-4"],
    "gpt4large": ["gpt-4-32k"],
    "gpt4turbo": ["gpt-4-turbo"],
    "gpt4o": ["gpt-4o"],
    "gpt4olatest": ["gpt-4o-latest"],
    "gpto1preview": ["gpt-o1-preview", "o1-preview"],
    "gpto1mini": ["gpt-o1-mini", "o1-mini"],
    "gpto3mini": ["gpt-o3-mini", "o3-mini"],
    "gpto1": ["gpt-o1", "o1"],
    "gpto3": ["gpt-o3", "o3"],
    "gpto4mini": ["gpt-o4-mini", "o4-mini"],
    "gpt41": ["gpt-4.1"],
    "gpt41mini": ["gpt-4.1-mini"],
    "gpt41nano": ["gpt-4.1-nano"],
    "gemini25pro": ["gemini-2.5-pro"],
    "gemini25flash": ["gemini-2.5-flash"],
    "claudeopus4": ["claude-opus-4", "claude-4-opus"],
    "claudesonnet4": ["claude-sonnet-4", "claude-4-sonnet"],
    "claudesonnet37": ["claude-sonnet-3.7", "claude-3.7-sonnet"],
    "claudesonnet35v2": [
        "claude-sonnet-3.5",
        "claude-3.5-sonnet",
        "claude-sonnet-3.5-v2",
        "claude-3.5-sonnet-v2",
    ],
    "ada002": ["text-embedding-ada-002"],
    "v3small": ["text-embedding-3-small"],
    "v3large": ["text-embedding-3-large"],
}


def test_the_built_in_table_is_the_published_one() -> None:
    assert {card.id: list(card.names) for card in BUILT_IN.cards} == NAMES


@pytest.mark.parametrize("models", [BUILT_IN, catalog()], ids=["built in", "listed"])
@pytest.mark.parametrize(("model_id", "names"), NAMES.items())
def test_a_model_is_found_by_every_name(models: Catalog, model_id: str, names: list[str]) -> None:
    for name in (*names, model_id):
        for asked in (name, f"argo:{name}", f"ARGO:{name.upper()}", f" {name.title()}\n"):
            card = models.find(asked)
            assert card is not None
            assert card.id == model_id


def test_every_alias_is_listed_with_its_model() -> None:
    assert [(alias, card.id) for alias, card in BUILT_IN.aliases()] == [
        (f"argo:{name}", model_id) for model_id, names in NAMES.items() for name in names
    ]


def test_no_two_models_share_a_name() -> None:
    aliases = [alias for alias, _ in catalog().aliases()]
    assert len(aliases) == len(set(aliases))


def test_of_two_models_with_one_name_the_first_has_it() -> None:
    models = Catalog([facts().card("gpt4o", ("same",)), facts().card("gpt41", ("Same",))])
    card = models.find("SAME")
    assert card is not None
    assert card.id == "gpt4o"


def test_what_the_gateway_lists_replaces_the_table_but_for_embeddings() -> None:
    models = from_listing(facts(), [ListedModel("claudeopus41", "claude-opus-4.1"), ListedModel("gpt4o", "gpt-4o")])
    assert [card.id for card in models.cards] == ["claudeopus41", "gpt4o", "ada002", "v3small", "v3large"]
    assert models.cards[0].names == ("claude-opus-4.1", "claude-4.1-opus")


def test_an_embedding_model_that_the_gateway_lists_is_there_once() -> None:
    models = from_listing(facts(), [ListedModel("v3small", "text-embedding-3-small"), ListedModel("gpt4o", "gpt-4o")])
    assert [card.id for card in models.cards] == ["v3small", "gpt4o", "ada002", "v3large"]


def test_a_model_keeps_its_known_names_beside_a_new_one() -> None:
    models = from_listing(facts(), [ListedModel("gpto3", "gpt-o3-2026")])
    assert models.cards[0].names == ("gpt-o3", "o3", "gpt-o3-2026", "o3-2026")


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("gpt-4p", "did you mean argo:gpt-4"),
        ("argo:claude-opus", "argo:claude-opus-4"),
        ("O3-MINY", "argo:o3-mini"),
        ("zzzz", "is not on ARGO; GET /v1/models lists all"),
        ("", "model '' is not on ARGO"),
    ],
)
def test_an_unknown_model_is_refused_with_close_matches(asked: str, hint: str) -> None:
    assert BUILT_IN.find(asked) is None
    with pytest.raises(UnknownModel) as caught:
        BUILT_IN.chat(asked)
    assert (caught.value.http_status, caught.value.http_code, caught.value.param) == (404, "model_not_found", "model")
    assert hint in caught.value.message


def test_a_huge_name_is_not_repeated_whole() -> None:
    with pytest.raises(UnknownModel) as caught:
        BUILT_IN.chat("argo:" + "x" * 100_000)
    assert len(caught.value.message) < 400


def test_an_embedding_model_cannot_chat() -> None:
    with pytest.raises(BadRequest, match="makes embeddings") as caught:
        BUILT_IN.chat("argo:text-embedding-3-small")
    assert caught.value.param == "model"


def test_the_models_that_stream_take_images_and_reason_are_these() -> None:
    chat = [card for card in catalog().cards if card.kind == "chat"]
    assert {card.id for card in chat if not card.streams} == {"gpto1preview", "gpto1mini"}
    assert {card.id for card in chat if card.images} == {
        card.id
        for card in chat
        if card.id
        not in ("gpt35", "gpt35large", "gpt4", "gpt4large", "gpt4turbo", "gpto1preview", "gpto1mini", "gpto3mini")
    }
    assert {card.provider for card in chat if card.whole_output_tokens == 21_000} == {"anthropic"}
    assert all(card.reasons == (card.id.startswith(("gpto", "gpt5", "gemini"))) for card in chat)


def test_only_the_older_models_and_the_embeddings_count_with_the_older_encoding() -> None:
    older = {card.id for card in catalog().cards if card.tokenizer == "cl100k_base"}
    assert older == {"gpt35", "gpt35large", "gpt4", "gpt4large", "gpt4turbo", "ada002", "v3small", "v3large"}
    assert {card.tokenizer for card in catalog().cards} == {"cl100k_base", "o200k_base"}
