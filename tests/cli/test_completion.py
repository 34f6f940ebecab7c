"""What the shells are told is what the parsers know."""

from __future__ import annotations

import argparse

import pytest

from argo_proxy.cli.commands import AGENTS, COMMANDS, SHELLS, command_parser
from argo_proxy.cli.completion import print_script, syntax
from argo_proxy.cli.parser import serve_parser
from argo_proxy.cli.shells import SCRIPTS, Word


def flags_in(words: tuple[Word, ...]) -> list[str]:
    return [flag for word in words for flag in word.flags]


def flags_of(parser: argparse.ArgumentParser) -> list[str]:
    return [flag for action in parser._actions for flag in action.option_strings]


def test_no_flag_and_no_command_is_left_out() -> None:
    known = syntax()
    assert flags_in(known.serving) == flags_of(serve_parser())
    assert {name: flags_in(verb.words) for name, verb in known.commands.items()} == {
        name: flags_of(command_parser(name)) for name in COMMANDS
    }


def test_what_a_word_takes_is_known() -> None:
    known = syntax()
    serving = {word.flags: word.takes for word in known.serving}
    launching = {word.flags: word.takes for word in known.commands["launch"].words}
    assert (serving[("--port", "-p")], serving[("--quiet", "-q")], serving[()]) == ("text", "nothing", "file")
    assert serving[("--log-format",)] == ("human", "json")
    assert (launching[()], launching[("--config",)]) == (AGENTS, "file")


@pytest.mark.parametrize("name", SHELLS)
def test_the_script_is_printed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert print_script(name) == 0
    assert capsys.readouterr().out == f"{SCRIPTS[name](syntax())}\n"
