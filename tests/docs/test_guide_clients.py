"""The files that the guide tells users of other programs to write: address, key, model and every name in them.

The names of settings are those of the clients' own documentation, whose address stands beside each.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.docs.guide import ADDRESS, BLOCKS, PAGES, ROOT, blocks, titled
from tests.known import catalog

BASE_URL = f"http://{ADDRESS}/v1"
FILES = {
    # https://llm.datasette.io/en/stable/other-models.html
    "extra-openai-models.yaml": {
        "model_id", "model_name", "api_base", "api_key_name", "supports_tools", "supports_schema", "vision",
    },
    # https://aider.chat/docs/config/aider_conf.html
    ".aider.conf.yml": {"model", "openai-api-base", "openai-api-key", "show-model-warnings", "timeout"},
    # https://aider.chat/docs/config/adv-model-settings.html
    ".aider.model.metadata.json": {"max_input_tokens", "max_output_tokens", "litellm_provider", "mode"},
    # https://opencode.ai/v1/docs/providers
    "~/.config/opencode/opencode.json": {
        "$schema", "model", "small_model", "provider", "argo", "npm", "name", "options", "baseURL", "apiKey", "models",
        "limit", "context", "output",
    },
    # https://docs.continue.dev/reference
    "~/.continue/config.yaml": {
        "name", "version", "schema", "models", "provider", "model", "apiBase", "apiKey", "roles", "capabilities",
        "defaultCompletionOptions", "contextLength", "maxTokens",
    },
    # https://zed.dev/docs/ai/use-api-access#openai-compatible
    "~/.config/zed/settings.json": {
        "language_models", "openai_compatible", "argo", "api_url", "available_models", "name", "display_name",
        "max_tokens", "max_output_tokens", "capabilities", "tools", "images", "parallel_tool_calls",
        "prompt_cache_key", "chat_completions", "agent", "default_model", "provider", "model",
    },
}  # fmt: skip
MODEL = re.compile(r"(?:^|/)(argo:[\w.:-]+)$")
WITHOUT_AN_ADDRESS = {".aider.model.metadata.json"}


def read(title: str) -> Any:
    """Each of these is YAML, as all JSON is."""
    code = titled(title).code
    return json.loads(code) if title.endswith(".json") else YAML(typ="safe").load(code)


def words_in(value: Any) -> Iterator[str]:
    """Every text within, keys as well."""
    match value:
        case str():
            yield value
        case dict():
            for key, item in value.items():
                yield key
                yield from words_in(item)
        case list():
            for item in value:
                yield from words_in(item)


def keys_in(value: Any) -> set[str]:
    items = value if isinstance(value, list) else [*value.values()] if isinstance(value, dict) else []
    own = set(value) if isinstance(value, dict) else set()
    return own.union(*map(keys_in, items))


@pytest.mark.parametrize("title", FILES)
def test_a_file_has_the_address_and_names_of_its_client_alone(title: str) -> None:
    found = read(title)
    assert {key for key in keys_in(found) if not MODEL.search(key)} == FILES[title]
    assert title in WITHOUT_AN_ADDRESS or BASE_URL in words_in(found)
    assert {word for word in words_in(found) if "8080" in word} <= {BASE_URL}


@pytest.mark.parametrize("title", FILES)
def test_a_file_names_models_that_there_are(title: str) -> None:
    named = {match[1] for word in words_in(read(title)) if (match := MODEL.search(word))}
    assert named
    assert [name for name in named if catalog().find(name) is None] == []


def test_what_a_file_says_of_a_model_is_so() -> None:
    assert read("~/.config/opencode/opencode.json")["provider"]["argo"]["models"] == {
        "argo:claude-sonnet-4": {"name": "Claude Sonnet 4", "limit": limits("argo:claude-sonnet-4")},
        "argo:gpt-4o": {"name": "GPT-4o", "limit": limits("argo:gpt-4o")},
    }
    [claude] = read("~/.config/zed/settings.json")["language_models"]["openai_compatible"]["argo"]["available_models"]
    metadata = read(".aider.model.metadata.json")["openai/argo:claude-sonnet-4"]
    told = [(claude["max_tokens"], claude["max_output_tokens"])]
    told += [(metadata["max_input_tokens"], metadata["max_output_tokens"])]
    assert told == [tuple(limits(claude["name"]).values())] * 2


def limits(name: str) -> dict[str, int | None]:
    card = catalog().chat(name)
    return {"context": card.context_tokens, "output": card.output_tokens}


def test_codex_is_told_what_the_readme_tells_and_a_test_runs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"```toml\n{titled('~/.codex/config.toml').code}```" in readme


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib is newer")
def test_the_file_for_codex_is_toml() -> None:
    import tomllib

    found = tomllib.loads(titled("~/.codex/config.toml").code)
    assert found["model_providers"][found["model_provider"]]["base_url"] == BASE_URL
    assert catalog().find(found["model"])


def test_the_variables_for_open_webui_are_its_own() -> None:
    """https://docs.openwebui.com/reference/env-configuration"""
    page = PAGES["clients/open-webui.md"]
    told = {*re.findall(r"(?:export|-e) (\w+)=", page)}
    assert told == {"OPENAI_API_BASE_URL", "OPENAI_API_KEY", "ENABLE_OLLAMA_API", "PORT"}
    assert f"OPENAI_API_BASE_URL={BASE_URL}\n" in titled("open-webui.env").code


def test_cline_is_told_address_and_model() -> None:
    [block] = blocks("console", "clients/cline.md")
    [line] = [line for line in block.code.splitlines() if line.startswith("$ cline auth")]
    words = shlex.split(line)
    assert words[words.index("-b") + 1] == BASE_URL
    assert catalog().find(words[words.index("-m") + 1])
    assert f"| Base URL | `{BASE_URL}` |" in PAGES["clients/cline.md"]


@pytest.mark.parametrize("page", PAGES)
def test_every_model_in_the_guide_exists(page: str) -> None:
    named = {*re.findall(r"\bargo:[a-z0-9][\w.-]*\w", PAGES[page])} - {"argo:gpt-99"}
    assert [name for name in named if catalog().find(name) is None] == []


def test_every_page_of_a_client_is_in_the_table_with_how_it_is_checked() -> None:
    told = dict(re.findall(r"^\| \[[^]]+\]\((\S+)\).* \| (run|read) \|$", PAGES["clients/index.md"], re.MULTILINE))
    assert told.keys() == {page.partition("/")[2] for page in PAGES if page.startswith("clients/")} - {"index.md"}
    asking = {block.page for block in BLOCKS if block.language in ("python", "js") or "curl" in block.code}
    run = {page.partition("/")[2] for page in asking if page.startswith("clients/")}
    assert {page for page, how in told.items() if how == "run"} == run | {"codex.md"}
