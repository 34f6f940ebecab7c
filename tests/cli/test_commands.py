"""How the words of the commands beside serving are read."""

from __future__ import annotations

import argparse
import subprocess
import sys

import pytest

from argo_proxy.cli.agents import AGENTS
from argo_proxy.cli.commands import AGENTS as AGENT_NAMES
from argo_proxy.cli.commands import (
    COMMANDS,
    Command,
    Completion,
    Demo,
    Doctor,
    Launch,
    Models,
    command_parser,
    parse_command,
)
from argo_proxy.cli.commands import SHELLS as SHELL_NAMES
from argo_proxy.cli.shells import SCRIPTS

HEAVY = {"asyncio", "msgspec", "openai", "rich", "ruamel.yaml", "ssl", "tiktoken", "uvicorn"}


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        ("demo", Demo()),
        ("models", Models(config=None, as_json=False)),
        ("models my.yaml --json", Models(config="my.yaml", as_json=True)),
        ("doctor", Doctor(config=None, flags={}, as_json=False)),
        (
            "doctor --user jdoe -H ::1 -p 80 my.yaml",
            Doctor(config="my.yaml", flags={"user": "jdoe", "host": "::1", "port": "80"}, as_json=False),
        ),
        ("launch codex", Launch(agent="codex", config=None, flags={}, model=None, arguments=())),
        (
            "launch --config my.yaml aider -m argo:o3 --port 80 -- --config theirs -- --json",
            Launch(
                agent="aider",
                config="my.yaml",
                flags={"port": "80"},
                model="argo:o3",
                arguments=("--config", "theirs", "--", "--json"),
            ),
        ),
        ("launch codex --", Launch(agent="codex", config=None, flags={}, model=None, arguments=())),
        ("completion fish", Completion("fish")),
    ],
)
def test_a_command_is_read_into_a_value(argv: str, command: Command) -> None:
    assert parse_command(argv.split()) == command


@pytest.mark.parametrize(
    "argv",
    [
        "demo now",
        "models one two",
        "models --user jdoe",
        "doctor --quiet",
        "launch",
        "launch emacs",
        "launch codex exec",
        "launch codex --mod x",
        "completion",
        "completion tcsh",
    ],
)
def test_what_a_command_does_not_take_is_refused_with_its_usage(argv: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_command(argv.split())
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith(f"usage: argo-proxy {argv.split()[0]} ")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_of_its_own(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_command([name, "--help"])
    told = capsys.readouterr().out
    assert caught.value.code == 0
    assert told.startswith(f"usage: argo-proxy {name} ")
    assert "".join(COMMANDS[name].about.split()) in "".join(told.split()), "however it is wrapped"


def test_every_word_of_a_command_is_explained() -> None:
    def unexplained(parser: argparse.ArgumentParser) -> list[str]:
        return [action.dest for action in parser._actions if not action.help]

    assert [unexplained(command_parser(name)) for name in COMMANDS] == [[]] * len(COMMANDS)


def test_the_names_offered_are_those_that_there_are() -> None:
    assert [*AGENT_NAMES] == [*AGENTS]
    assert [*SHELL_NAMES] == [*SCRIPTS]


@pytest.mark.parametrize("argv", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_loads_nothing_heavy(argv: list[str]) -> None:
    program = (
        "import sys; from argo_proxy.cli.command import main; main(sys.argv[1:]);"
        f" print(sorted({HEAVY} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *argv], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "[]\n")
