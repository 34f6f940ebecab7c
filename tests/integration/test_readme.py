"""What the README shows must work, and what it tells must be so."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from argo_proxy.cli.commands import COMMANDS, Launch
from argo_proxy.cli.parser import parse
from argo_proxy.dialects import DIALECTS
from argo_proxy.settings import load_config, resolve
from argo_proxy.settings.api_keys import api_keys
from tests.integration.proxying import Proxy

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8080/v1"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", blocks("python"))
def test_a_python_block_runs_as_it_is(block: str, proxy: Proxy) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block.replace(ADDRESS, proxy.url)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "You said: Say hello to the lab.\nYou said: Count to five."


@pytest.mark.parametrize("block", blocks("sh"))
def test_the_environment_variables_are_all_that_a_program_needs(block: str, proxy: Proxy) -> None:
    program = "import openai; print(len(openai.OpenAI().models.list().data) > 20)"
    script = f'{block.replace(ADDRESS, proxy.url)}\n"{sys.executable}" -c "{program}"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "True\n", done.stderr


def test_every_make_target_told_of_exists() -> None:
    told = {*re.findall(r"^\$ make (\w+)$", README, re.MULTILINE), "test", "check", "fix", "clean"}
    assert all(f"`{target}`" in README or f"make {target}" in README for target in told)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert told - set(re.findall(r"^(\w+):", makefile, re.MULTILINE)) == set()


def test_the_start_shown_is_a_valid_one() -> None:
    [line] = re.findall(r"^\$ argo-proxy (--user .*)$", README, re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-m", "argo_proxy", *line.split(), "--validate"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT / "tests",
        env={**os.environ, "HOME": "/nonexistent", "ARGO_PROXY_SKIP_URL_VALIDATION": "1"},
    )
    assert done.returncode == 0, done.stderr


def test_the_keys_shown_can_be_given(tmp_path: Path) -> None:
    [block] = blocks("yaml")
    config = tmp_path / "config.yaml"
    config.write_text(f"user: jdoe\n{block}")
    alice, other = resolve({}, {}, load_config(config)).settings.api_keys
    assert (alice.name, alice.digest, other.plain) == ("alice", sha256(b"a-key-for-alice").digest(), "a-key-as-it-is")


def test_a_key_and_its_hash_are_made_as_told() -> None:
    [line] = re.findall(r"^\$ python3 (-c .*)$", README, re.MULTILINE)
    done = subprocess.run([sys.executable, *shlex.split(line)], capture_output=True, text=True, check=True)
    key, digest = done.stdout.split()
    assert api_keys([digest])[0].digest == api_keys([key])[0].digest
    assert len(key) >= 40


def test_every_client_api_is_told_of() -> None:
    assert [path for path in DIALECTS if path not in README] == []


def test_every_command_is_told_of() -> None:
    assert [name for name in COMMANDS if f"| `argo-proxy {name}" not in README] == []


@pytest.mark.parametrize("line", re.findall(r"^\$ argo-proxy (launch .*)$", README, re.MULTILINE))
def test_the_launches_shown_are_understood(line: str) -> None:
    assert isinstance(parse(shlex.split(line)), Launch)
