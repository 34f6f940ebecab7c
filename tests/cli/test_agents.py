"""What each agent is told, in its own terms."""

from __future__ import annotations

import json

import pytest

from argo_proxy.cli.agents import AGENTS, KEY_VARIABLE, Offer, Target, aider, codex, opencode

GPT = Offer("argo:gpt-4o", 128_000, 16_384)
NEW = Offer('argo:"new"')
TARGET = Target("http://127.0.0.1:80/v1", "secret", GPT, (GPT, NEW))


def test_codex_is_given_a_provider_by_overrides_in_toml() -> None:
    assert codex(TARGET).arguments == (
        "-c",
        'model_providers.argo={name = "ARGO", base_url = "http://127.0.0.1:80/v1", wire_api = "responses",'
        ' env_key = "ARGO_API_KEY"}',
        "-c",
        'model_provider="argo"',
        "-c",
        'model="argo:gpt-4o"',
        "-c",
        "model_context_window=128000",
    )


def test_codex_is_told_no_limit_that_nobody_knows() -> None:
    arguments = codex(Target(TARGET.base_url, "any", NEW, (NEW,))).arguments
    assert arguments[-2:] == ("-c", 'model="argo:\\"new\\""')


def test_aider_knows_openai_by_its_variables() -> None:
    start = aider(TARGET)
    assert start.environ == {"OPENAI_API_BASE": "http://127.0.0.1:80/v1", "OPENAI_API_KEY": "secret"}
    assert start.arguments == ("--model", "openai/argo:gpt-4o", "--no-show-model-warnings")


def test_opencode_gets_a_provider_with_every_model_and_no_model_of_another() -> None:
    start = opencode(TARGET)
    content = json.loads(start.environ["OPENCODE_CONFIG_CONTENT"])
    assert start.arguments == ()
    assert content["model"] == content["small_model"] == "argo/argo:gpt-4o"
    assert content["provider"]["argo"] == {
        "npm": "@ai-sdk/openai-compatible",
        "name": "ARGO",
        "options": {"baseURL": "http://127.0.0.1:80/v1", "apiKey": "{env:ARGO_API_KEY}"},
        "models": {
            "argo:gpt-4o": {"name": "argo:gpt-4o", "limit": {"context": 128_000, "output": 16_384}},
            'argo:"new"': {"name": 'argo:"new"'},
        },
    }


@pytest.mark.parametrize("name", AGENTS)
def test_the_key_is_in_the_environment_alone_where_other_users_cannot_see_it(name: str) -> None:
    start = AGENTS[name].prepare(TARGET)
    assert "secret" in start.environ.values()
    assert "secret" not in "".join(start.arguments)
    assert start.environ.get(KEY_VARIABLE, "secret") == "secret"
