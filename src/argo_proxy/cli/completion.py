"""`argo-proxy completion`: the script that teaches a shell this command line, made from the parsers themselves."""

from __future__ import annotations

import argparse

from argo_proxy.cli.commands import COMMANDS, command_parser
from argo_proxy.cli.parser import serve_parser
from argo_proxy.cli.shells import SCRIPTS, Syntax, Value, Verb, Word
from argo_proxy.cli.terminal import tell


def print_script(shell: str) -> int:
    tell(SCRIPTS[shell](syntax()))
    return 0


def syntax() -> Syntax:
    return Syntax(words(serve_parser()), commands())


def commands() -> dict[str, Verb]:
    return {name: Verb(grammar.about, words(command_parser(name))) for name, grammar in COMMANDS.items()}


def words(parser: argparse.ArgumentParser) -> tuple[Word, ...]:
    known = parser._actions  # argparse has no other way to ask
    return tuple(Word(tuple(one.option_strings), taken(one), about(one)) for one in known)


def taken(action: argparse.Action) -> Value:
    if action.choices:
        return tuple(map(str, action.choices))
    if action.nargs == 0:
        return "nothing"
    return "file" if action.dest == "config" else "text"


def about(action: argparse.Action) -> str:
    return (action.help or "").replace("%%", "%")
