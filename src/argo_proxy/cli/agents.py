"""The agents that can be launched, and how each is told of a proxy for one run: by environment and arguments alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

KEY_VARIABLE = "ARGO_API_KEY"


@dataclass(frozen=True, slots=True)
class Offer:
    """A model under the name to ask for it, and its limits in tokens, where they are known."""

    name: str
    context_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What an agent is pointed at. `base_url` ends in `/v1`; `offers` are all models, `model` among them."""

    base_url: str
    key: str
    model: Offer
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """What an agent is started with beside its own environment and arguments, which come after."""

    environ: Mapping[str, str]
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agent:
    """`install`: the command that gets it."""

    install: str
    prepare: Callable[[Target], Start]


def codex(target: Target) -> Start:
    """https://developers.openai.com/codex/config-advanced: `-c` takes a key and a value in TOML."""
    provider = {"name": "ARGO", "base_url": target.base_url, "wire_api": "responses", "env_key": KEY_VARIABLE}
    pairs = ", ".join(f"{name} = {json.dumps(value)}" for name, value in provider.items())
    overrides = [
        f"model_providers.argo={{{pairs}}}",
        'model_provider="argo"',
        f"model={json.dumps(target.model.name)}",
    ]
    if target.model.context_tokens:
        overrides.append(f"model_context_window={target.model.context_tokens}")
    return Start({KEY_VARIABLE: target.key}, tuple(word for one in overrides for word in ("-c", one)))


def aider(target: Target) -> Start:
    """https://aider.chat/docs/llms/openai-compat.html. It does not know the model, and would ask about that."""
    return Start(
        {"OPENAI_API_BASE": target.base_url, "OPENAI_API_KEY": target.key},
        ("--model", f"openai/{target.model.name}", "--no-show-model-warnings"),
    )


def opencode(target: Target) -> Start:
    """https://opencode.ai/docs/config: this variable beats its files. Titles are made by the small model, which could
    otherwise be one of another provider.
    """
    name = f"argo/{target.model.name}"
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "ARGO",
        "options": {"baseURL": target.base_url, "apiKey": f"{{env:{KEY_VARIABLE}}}"},
        "models": {offer.name: opencode_model(offer) for offer in target.offers},
    }
    content = {"provider": {"argo": provider}, "model": name, "small_model": name}
    return Start({KEY_VARIABLE: target.key, "OPENCODE_CONFIG_CONTENT": json.dumps(content)}, ())


def opencode_model(offer: Offer) -> Mapping[str, object]:
    if offer.context_tokens is None or offer.output_tokens is None:  # it takes both or none
        return {"name": offer.name}
    return {"name": offer.name, "limit": {"context": offer.context_tokens, "output": offer.output_tokens}}


AGENTS: Mapping[str, Agent] = {
    "codex": Agent("npm install -g @openai/codex", codex),
    "aider": Agent("python -m pip install aider-install && aider-install", aider),
    "opencode": Agent("npm install -g opencode-ai", opencode),
}
