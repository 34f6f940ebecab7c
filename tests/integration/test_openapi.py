"""The published description, and the running program held against it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.integration.proxying import Proxy, proxying

RULES = Path(__file__).parent.parent / "fuzz" / "schemathesis.toml"


def test_it_is_for_everybody_and_says_that_a_key_is_needed(gateway_url: str, tmp_path: Path) -> None:
    with proxying(tmp_path, gateway_url, api_keys=["sesame"]) as proxy:
        answer = proxy.ask("GET", "/openapi.json")
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        assert json.loads(answer.body)["security"] == [{"key": []}]
        assert proxy.ask("GET", "/v1/models").status == 401


def test_the_landing_page_leads_to_it(proxy: Proxy) -> None:
    assert b'href="/openapi.json"' in proxy.ask("GET", "/").body


def test_the_program_does_what_is_published(proxy: Proxy, tmp_path: Path) -> None:
    """A small sample, the same every time; `make fuzz` goes on from here."""
    command = ["-m", "schemathesis.cli", "--config-file", str(RULES), "run", f"{proxy.url[:-3]}/openapi.json"]
    options = ["--phases", "fuzzing,stateful", "--seed", "1", "--generation-deterministic", "-n", "3", "--no-shrink"]
    done = subprocess.run(
        [sys.executable, *command, *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
