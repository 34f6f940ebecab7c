"""`argo-proxy completion`: the script that teaches a shell this command line, made from the parsers themselves."""

from __future__ import annotations

import argparse

from argo_proxy.cli.commands import COMMANDS, command_parser
from argo_proxy.cli.parser import serve_parser
from argo_proxy.cli.shells import SCRIPTS, Syntax, Value, Verb, Word
from argo_proxy.cli.terminal import tell
from argo_proxy.settings.table import keys


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
    if choices := action.choices or choices_of(action.dest):
        return tuple(map(str, choices))
    if action.nargs == 0:
        return "nothing"
    return "file" if action.dest == "config" else "text"


def choices_of(name: str) -> tuple[str, ...]:
    """Of a setting; its check is not the parser's, which would know no other source."""
    return keys()[name].choices if name in keys() else ()


def about(action: argparse.Action) -> str:
    return (action.help or "").replace("%%", "%")
