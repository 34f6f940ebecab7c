"""What can be completed is what there is: asked of the shells themselves."""

from __future__ import annotations

import argparse
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from argo_proxy.cli.commands import AGENTS, COMMANDS, SHELLS, command_parser
from argo_proxy.cli.completion import syntax
from argo_proxy.cli.parser import serve_parser
from argo_proxy.cli.shells import SCRIPTS

Complete = Callable[..., list[str]]

IN_BASH = """\
source ./script
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_argo_proxy argo-proxy "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""
# What zsh's own functions are given to complete with; how they match it with what has been typed is their business.
IN_ZSH = """\
compdef() { true }
_describe() { print -rl -- "${(@)commands%%:*}" }
_arguments() { print -rl -- "$@" }
source ./script
words=("$@") CURRENT=$#
_argo_proxy
"""
IN_FISH = """\
source ./script
complete -C "$argv"
"""


def all_flags(parser: argparse.ArgumentParser) -> set[str]:
    return {flag for action in parser._actions for flag in action.option_strings}


def shell(name: str, folder: Path, *command: str) -> list[str]:
    if shutil.which(name) is None:
        pytest.skip(f"no {name} here")
    (folder / "script").write_text(SCRIPTS[name](syntax()))
    (folder / "my config.yaml").touch()
    done = subprocess.run([name, *command], capture_output=True, text=True, cwd=folder, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.fixture
def in_bash(tmp_path: Path) -> Complete:
    return lambda *words: [line for line in shell("bash", tmp_path, "-c", IN_BASH, "bash", *words) if line]


@pytest.fixture
def in_zsh(tmp_path: Path) -> Complete:
    return lambda *words: shell("zsh", tmp_path, "-f", "-c", IN_ZSH, "zsh", *words)


@pytest.fixture
def in_fish(tmp_path: Path) -> Complete:
    def complete(*words: str) -> list[str]:
        lines = shell("fish", tmp_path, "--no-config", "-c", IN_FISH, " ".join(words))
        return [line.partition("\t")[0] for line in lines]

    return complete


def test_bash_completes_commands_and_flags_at_the_first_word(in_bash: Complete) -> None:
    assert in_bash("argo-proxy", "d") == ["demo", "doctor"]
    assert {*COMMANDS} | all_flags(serve_parser()) <= {*in_bash("argo-proxy", "")}
    assert in_bash("argo-proxy", "my") == ["my config.yaml"]


@pytest.mark.parametrize("name", COMMANDS)
def test_bash_completes_every_flag_of_every_command(name: str, in_bash: Complete) -> None:
    assert all_flags(command_parser(name)) == {*in_bash("argo-proxy", name, "-")}


def test_bash_completes_what_stands_by_itself_and_what_a_flag_takes(in_bash: Complete) -> None:
    assert {*AGENTS} <= {*in_bash("argo-proxy", "launch", "")}
    assert in_bash("argo-proxy", "completion", "f") == ["fish"]
    assert in_bash("argo-proxy", "launch", "--config", "") == ["my config.yaml", "script"]
    assert in_bash("argo-proxy", "doctor", "my") == ["my config.yaml"]
    assert in_bash("argo-proxy", "--port", "") == []
    assert in_bash("argo-proxy", "--quiet", "--pseudo") == ["--pseudo-stream"]


def test_zsh_is_offered_commands_first_and_then_their_flags(in_zsh: Complete) -> None:
    assert in_zsh("argo-proxy", "")[: len(COMMANDS)] == [*COMMANDS]
    assert "(--port -p)-p[port that it listens on]:value:" in in_zsh("argo-proxy", "launch", "")
    assert ":choice:(codex aider opencode)" in in_zsh("argo-proxy", "launch", "")
    assert ":file:_files" in in_zsh("argo-proxy", "doctor", "")


@pytest.mark.parametrize("name", COMMANDS)
def test_zsh_is_offered_every_flag_of_every_command(name: str, in_zsh: Complete) -> None:
    offered = {spec.partition("[")[0].rpartition(")")[2] for spec in in_zsh("argo-proxy", name, "")}
    assert all_flags(command_parser(name)) <= offered


def test_fish_completes_commands_flags_and_choices(in_fish: Complete) -> None:
    assert {*COMMANDS} <= {*in_fish("argo-proxy", "")}
    assert in_fish("argo-proxy", "launch", "o") == ["opencode"]
    assert in_fish("argo-proxy", "completion", "") == sorted(SHELLS)
    assert in_fish("argo-proxy", "doctor", "--j") == ["--json"]


@pytest.mark.parametrize("name", COMMANDS)
def test_fish_completes_every_long_flag_of_every_command(name: str, in_fish: Complete) -> None:
    long = {flag for flag in all_flags(command_parser(name)) if flag.startswith("--")}
    assert long == {*in_fish("argo-proxy", name, "--")}


def test_fish_completes_every_long_flag_of_serving(in_fish: Complete) -> None:
    assert {flag for flag in all_flags(serve_parser()) if flag.startswith("--")} == {*in_fish("argo-proxy", "--")}
