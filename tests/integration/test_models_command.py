"""`argo-proxy models`: the gateway's list while it answers, else the built-in one, and always which of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from argo_proxy.catalog.facts import load_facts
from tests.integration.commanding import run, write_config
from tests.integration.proxying import settings_for
from tests.simulator.running import Gateway

NOWHERE = "http://127.0.0.1:9"


def test_what_the_gateway_lists_is_shown_in_columns(gateway_url: str, tmp_path: Path) -> None:
    write_config(tmp_path, settings_for(gateway_url))
    done = run(tmp_path, "models")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert lines[0] == ["ALIAS", "ID", "PROVIDER", "CONTEXT", "TOOLS", "STREAMS"]
    assert ["argo:gpt-4o", "gpt4o", "openai", "128000", "native", "yes"] in lines
    assert ["argo:o1-mini", "gpto1mini", "openai", "128000", "prompted", "no"] in lines
    assert ["argo:claude-sonnet-4", "claudesonnet4", "anthropic", "200000", "native", "yes"] in lines
    assert ["argo:text-embedding-3-small", "v3small", "openai", "8191", "-", "-"] in lines
    assert done.stderr.endswith(" models, as ARGO lists them now\n")


def test_without_a_gateway_the_built_in_table_is_shown_and_the_reason_told(tmp_path: Path) -> None:
    path = write_config(tmp_path, settings_for(NOWHERE), "mine.yaml")
    done = run(tmp_path, "models", str(path))
    assert done.returncode == 0
    assert "argo:gpt-4o " in done.stdout
    count = len(load_facts().models)
    assert done.stderr.startswith(f"{count} models, from the built-in table: cannot connect to 127.0.0.1:9: ")


def test_a_gateway_that_never_answers_is_not_waited_for(gateway: Gateway, gateway_url: str, tmp_path: Path) -> None:
    gateway.script({"match": "/models", "stall": "before_headers"})
    write_config(tmp_path, settings_for(gateway_url))
    done = run(tmp_path, "models")
    assert done.returncode == 0
    assert re.search("from the built-in table: ARGO .*3 s", done.stderr)


@pytest.mark.parametrize("content", ["<html>", '{"data": []}'])
def test_an_answer_that_is_no_list_is_told(content: str, gateway: Gateway, gateway_url: str, tmp_path: Path) -> None:
    gateway.script({"match": "/models", "body": content})
    write_config(tmp_path, settings_for(gateway_url))
    assert "from the built-in table: ARGO's model list " in run(tmp_path, "models").stderr


def test_json_says_everything_and_nothing_beside_it(gateway_url: str, tmp_path: Path) -> None:
    write_config(tmp_path, settings_for(gateway_url, tool_prompting=True))
    done = run(tmp_path, "models", "--json")
    listing = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert (listing["source"], listing["reason"]) == ("gateway", None)
    assert {
        "aliases": ["argo:gpt-o1", "argo:o1"],
        "id": "gpto1",
        "provider": "openai",
        "kind": "chat",
        "context_tokens": 200000,
        "output_tokens": 100000,
        "tools": "prompted",
        "streaming": True,
    } in listing["models"]
    assert {model["tools"] for model in listing["models"]} == {"prompted", None}


def test_no_user_is_needed_but_a_configuration_that_will_not_do_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path, "models", ARGO_PROXY_ARGO_BASE_URL=NOWHERE).returncode == 0
    write_config(tmp_path, {"port": "many"})
    done = run(tmp_path, "models")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: config.yaml:2: port: found 'many', expected ")
