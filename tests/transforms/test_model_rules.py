import pytest
from msgspec.structs import replace

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Message, Sampling, Text, Tool
from argo_proxy.transforms.model_rules import transform
from tests.known import card, catalog

HELLO = (Message("user", (Text("hi"),)),)
O_SERIES = ("gpto1", "gpto3", "gpto3mini", "gpto4mini")
PREVIEWS = ("gpto1preview", "gpto1mini")
GPT5 = ("gpt5", "gpt5mini", "gpt5nano", "gpt51", "gpt52", "gpt54", "gpt54mini", "gpt54nano", "gpt55")
FREE_GPT = ("gpt35", "gpt35large", "gpt4", "gpt4large", "gpt4turbo", "gpt4o", "gpt4olatest", "gpt41", "gpt41mini")
GEMINI = ("gemini25pro", "gemini25flash", "gemini35flash", "gemini31flashlite")
FREE_CLAUDE = ("claudesonnet35v2", "claudesonnet37", "claudesonnet4", "claudeopus4", "claudeopus41")
ONE_OF_TWO_CLAUDE = ("claudesonnet45", "claudesonnet46", "claudehaiku45", "claudeopus45", "claudeopus46")
BARE_CLAUDE = ("claudeopus47", "claudeopus48", "claudeopus5", "claudesonnet5")


def fit(request: ChatRequest, card: ModelCard) -> ChatRequest:
    return transform(request, card).request


def fitted(model: str, **sampling: object) -> ChatRequest:
    return fit(ChatRequest(model, HELLO, sampling=Sampling(**sampling)), card(model))


def rows(models: tuple[str, ...], *cases: tuple[dict[str, float], dict[str, float], str]) -> list[object]:
    return [(model, *case) for model in models for case in cases]


BOTH = {"temperature": 0.5, "top_p": 0.25}


@pytest.mark.parametrize(
    ("model", "asked", "given", "adjusted"),
    [
        *rows(FREE_GPT + GEMINI, (BOTH, BOTH, ""), ({"temperature": 2}, {"temperature": 2}, "")),
        *rows(
            GPT5,
            ({"temperature": 1}, {"temperature": 1}, ""),
            ({"temperature": 0}, {}, "temperature dropped"),
            (BOTH, {}, "temperature dropped, top_p dropped"),
        ),
        *rows(
            O_SERIES + PREVIEWS,
            ({"temperature": 1}, {}, "temperature dropped"),
            (BOTH, {}, "temperature dropped, top_p dropped"),
        ),
        *rows(
            FREE_CLAUDE,
            (BOTH, BOTH, ""),
            ({"temperature": 1.5, "top_p": 1}, {"temperature": 1, "top_p": 1}, "temperature clamped to 1"),
        ),
        *rows(
            ONE_OF_TWO_CLAUDE,
            (BOTH, {"temperature": 0.5}, "top_p dropped"),
            ({"temperature": 0, "top_p": 0}, {"temperature": 0}, "top_p dropped"),
            ({"top_p": 0.25}, {"top_p": 0.25}, ""),
            ({"temperature": 2}, {"temperature": 1}, "temperature clamped to 1"),
        ),
        *rows(
            BARE_CLAUDE,
            (BOTH, {}, "temperature dropped, top_p dropped"),
            ({"temperature": 2}, {}, "temperature dropped"),
            ({"top_p": 1}, {}, "top_p dropped"),
        ),
    ],
)
def test_temperature_and_top_p_are_fitted_to_the_model(
    model: str, asked: dict[str, float], given: dict[str, float], adjusted: str
) -> None:
    request = fitted(model, **asked)
    assert request.sampling == Sampling(**given)
    assert ", ".join(request.adjusted) == adjusted


@pytest.mark.parametrize(
    ("model", "limit"),
    [
        ("gpt35", 4_096),
        ("gpt35large", 16_384),
        ("gpt4", 8_192),
        ("gpt4large", 8_192),
        ("gpt4turbo", 4_096),
        ("gpt4o", 16_384),
        ("gpt4olatest", 16_384),
        ("gpto1preview", 32_768),
        ("gpto1mini", 65_536),
        ("gpto1", 100_000),
        ("gpto3mini", 100_000),
        ("gpt41", 16_384),
        ("gpt41nano", 16_384),
        ("gpt5", 128_000),
        ("gpt54nano", 128_000),
        ("gemini25pro", 65_536),
        ("gemini25flash", 64_536),
        ("claudeopus4", 32_000),
        ("claudeopus41", 32_000),
        ("claudesonnet4", 64_000),
        ("claudesonnet37", 128_000),
        ("claudesonnet35v2", 8_000),
    ],
)
def test_a_limit_beyond_the_models_own_is_clamped(model: str, limit: int) -> None:
    assert fitted(model, max_tokens=limit).sampling.max_tokens == limit
    request = fitted(model, max_tokens=limit + 1)
    assert request.sampling.max_tokens == limit
    assert f"max_tokens clamped to {limit}" in request.adjusted


def test_a_model_without_known_limits_takes_any() -> None:
    unknown = catalog().cards[0].__class__("new1", ("new-1",), "argo", "resource_openai", "o200k_base")
    request = ChatRequest("new-1", HELLO, sampling=Sampling(max_tokens=10**9))
    assert fit(request, unknown) == request


@pytest.mark.parametrize("model", [*O_SERIES, *PREVIEWS, *GPT5])
def test_reasoning_models_know_the_limit_by_another_name(model: str) -> None:
    assert fitted(model, max_tokens=5).adjusted == ("max_tokens renamed max_completion_tokens",)
    assert fitted(model).adjusted == ()


def test_what_the_dialect_changed_is_told_first() -> None:
    request = ChatRequest("gpt5", HELLO, sampling=Sampling(top_p=0.5), adjusted=("seed dropped",))
    assert fit(request, card("gpt5")).adjusted == ("seed dropped", "top_p dropped")


@pytest.mark.parametrize("model", PREVIEWS)
def test_the_previews_take_instructions_from_the_user(model: str) -> None:
    messages = (Message("system", (Text("be brief"),), "boss"), *HELLO, Message("assistant", (Text("yes"),)))
    recast = fit(ChatRequest(model, messages), card(model)).messages
    assert recast == (Message("user", (Text("be brief"),), "boss"), *messages[1:])


def test_other_models_keep_their_system_messages() -> None:
    messages = (Message("system", (Text("be brief"),)), *HELLO)
    assert fit(ChatRequest("gpto1", messages), card("gpto1")).messages == messages


def test_strict_tools_are_for_models_that_can_be_held_to_their_schema() -> None:
    tools = (Tool("f", strict=True), Tool("g"))
    assert fit(ChatRequest("gpt4o", HELLO, tools=tools), card("gpt4o")).tools == tools
    loose = fit(ChatRequest("claudesonnet4", HELLO, tools=tools), replace(card("claudesonnet4"), strict_tools=False))
    assert loose.tools == (Tool("f"), Tool("g"))
    assert loose.adjusted == ("strict dropped",)


def test_every_chat_model_is_in_one_row_of_this_table() -> None:
    told = {
        *FREE_GPT,
        "gpt41nano",
        *GEMINI,
        *GPT5,
        *O_SERIES,
        *PREVIEWS,
        *FREE_CLAUDE,
        *ONE_OF_TWO_CLAUDE,
        *BARE_CLAUDE,
    }
    assert {card.id for card in catalog().cards if card.kind == "chat"} == told
