"""Each kind of block in the guide has one treatment, and one without fails; here are those that need no proxy.

What is run is run by `tests/integration/test_guide.py`, and by `tests/clients` for clients that are not in its reach.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from contextlib import nullcontext, suppress
from itertools import dropwhile
from pathlib import Path

import pytest

from argo_proxy.cli.parser import parse
from argo_proxy.settings import resolve
from argo_proxy.settings.file import ConfigFile, entries_of
from tests.docs.guide import BLOCKS, ELSEWHERE, OF_OLDER_VERSIONS, PAGES, ROOT, Block, blocks, blocks_of
from tests.docs.test_guide_clients import FILES
from tests.docs.test_guide_service import PLIST, UNIT

UNTITLED = {"python", "sh", "console", "yaml", "text"}
"""Run in this process, run by sh, read as commands, read as our configuration, looked for in the source."""

TITLED = {
    "argo-proxy.conf", "argo-proxy.log", "hello.mjs", "with-the-ai-sdk.mjs", "over_a_socket.py", "open-webui.env",
    "~/.codex/config.toml", UNIT, PLIST, *FILES,
}  # fmt: skip
"""What is to be written into a file: each has a test of its own, in one of these modules."""

PROGRAMS = {
    "pip", "pipx", "uv", "npm", "make", "git", "cd", "curl", "ssh", "python3", "systemctl", "journalctl", "loginctl",
    "kill", "pgrep", "launchctl", "tail", "tmux", "nohup", "cp", "mkdir", "chmod", "llm", "aider", "codex", "opencode",
    "cline", "docker", "export", "openssl", "rm", "open-webui",
}  # fmt: skip


def test_every_block_has_a_treatment() -> None:
    assert [
        f"{block} {block.language} {block.title}"
        for block in BLOCKS
        if (block.title not in TITLED if block.title else block.language not in UNTITLED)
    ] == []


def test_no_treatment_is_left_over() -> None:
    assert {block.title for block in BLOCKS if block.title} == set(TITLED)


def test_no_block_escapes_the_eye() -> None:
    for page, text in PAGES.items():
        fences = re.findall(r"^ *(```|~~~)", text, re.MULTILINE)
        assert len(fences) == 2 * len(blocks_of(page, text)), page


@pytest.mark.parametrize("page", ELSEWHERE)
def test_a_python_block_that_runs_elsewhere_is_python(page: str) -> None:
    for block in blocks("python", page):
        compile(block.code, str(block), "exec")


@pytest.mark.parametrize("block", blocks("yaml", titled=False), ids=str)
def test_a_configuration_shown_is_a_good_one(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a home where the certificates are that it may name."""
    lab = tmp_path / ".config" / "argoproxy" / "lab.pem"
    lab.parent.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "settings" / "ca.pem", lab)
    monkeypatch.setenv("HOME", str(tmp_path))
    file = ConfigFile("shown", entries_of("shown", block.code))
    assert resolve({"user": "jdoe"}, {}, file).warnings == ()


def commands(block: Block) -> list[str]:
    """What follows a prompt, with the lines that it goes on in."""
    joined = block.code.replace("\\\n", " ")
    return re.findall(r"^\$ (.*)$", joined, re.MULTILINE)


@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_a_command_shown_is_understood(block: Block) -> None:
    assert commands(block), "a console block has a prompt"
    for line in commands(block):
        subprocess.run(["sh", "-nc", line], check=True)
        program, words = split(line)
        if program == "argo-proxy":
            understood(words)
        else:
            assert program in PROGRAMS, line


def split(line: str) -> tuple[str, list[str]]:
    """The name of the program, wherever it is, and its words; of several programs those of the first."""
    words = shlex.split(re.split(r" (?:[|<>&]|2>)", line)[0], comments=True)
    words = [*dropwhile(lambda word: re.match(r"[A-Z_]+=", word), words)]
    return words[0].rpartition("/")[2], words[1:]


def understood(words: list[str]) -> None:
    """`--help` and `--version` end the program as they are parsed, and well; a usage error does not."""
    with suppress(SystemExit) if {"-h", "--help"} & {*words} else nullcontext():
        parse(words)


@pytest.mark.parametrize("page", sorted(PAGES.keys() - {OF_OLDER_VERSIONS}))
def test_a_command_quoted_is_understood(page: str) -> None:
    for line in re.findall(r"`argo-proxy ([^`\n]*[^`\n.])`", PAGES[page]):
        if not re.search(r"\[|COMMAND|AGENT|SHELL|\.\.", line):
            understood(shlex.split(line))
