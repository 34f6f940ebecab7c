"""The commands beside serving, each a value: what is here is in the help and in the completion of shells."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, cast

from argo_proxy.cli.flags import add_setting, settings_given
from argo_proxy.settings.table import keys

AGENTS = ("codex", "aider", "opencode")
SHELLS = ("bash", "zsh", "fish")
FILE = "configuration file; without it the usual places"


@dataclass(frozen=True, slots=True)
class Demo:
    """Show a request and its answer, on this machine alone."""


@dataclass(frozen=True, slots=True)
class Models:
    """List the models."""

    config: str | None
    as_json: bool


@dataclass(frozen=True, slots=True)
class Doctor:
    """Check what serving needs; `flags` are raw values of settings, by key."""

    config: str | None
    flags: Mapping[str, str | bool]
    as_json: bool


@dataclass(frozen=True, slots=True)
class Launch:
    """Start an agent with these arguments of its own."""

    agent: str
    config: str | None
    flags: Mapping[str, str | bool]
    model: str | None
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Completion:
    """Print the completion of a shell."""

    shell: str


Command: TypeAlias = Demo | Models | Doctor | Launch | Completion
Words: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a command is written, and what it comes to. `passes_on`: what follows `--` is not for this program."""

    about: str
    add_words: Callable[[argparse.ArgumentParser], None]
    read: Callable[[Words], Command]
    more: str
    passes_on: bool = False


def parse_command(argv: Sequence[str]) -> Command:
    """`argv` starts with a name in COMMANDS. Raises SystemExit after help or a usage error, as argparse does."""
    name, *words = argv
    grammar = COMMANDS[name]
    end = words.index("--") if grammar.passes_on and "--" in words else len(words)
    read = cast("dict[str, object]", vars(command_parser(name).parse_args(words[:end])))
    return grammar.read({**read, "rest": tuple(words[end + 1 :])})


def command_parser(name: str) -> argparse.ArgumentParser:
    grammar = COMMANDS[name]
    parser = argparse.ArgumentParser(
        prog=f"argo-proxy {name}", description=grammar.about, epilog=grammar.more, allow_abbrev=False
    )
    grammar.add_words(parser)
    if grammar.passes_on:
        usage = parser.format_usage().removeprefix("usage: ").rstrip()
        parser.usage = f"{usage} [-- its own arguments]"
    return parser


def add_nothing(parser: argparse.ArgumentParser) -> None:
    del parser


def add_models(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", nargs="?", help=FILE)
    parser.add_argument("--json", action="store_true", help="for programs: everything, as JSON")


def add_doctor(parser: argparse.ArgumentParser) -> None:
    add_models(parser)
    for name in ("user", "host", "port"):
        add_setting(parser, name, keys()[name])


def add_launch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("agent", choices=AGENTS, help="what to start")
    parser.add_argument("--config", metavar="FILE", help=f"{FILE}; it says where the proxy is")
    parser.add_argument("--model", "-m", help="model to work with; without it the configured default")
    for name, about in (("host", "address that the proxy listens on"), ("port", "port that it listens on")):
        add_setting(parser, name, replace(keys()[name], about=about))


def add_completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="the shell to complete in")


def read_demo(words: Words) -> Demo:
    del words
    return Demo()


def read_models(words: Words) -> Models:
    return Models(config=cast("str | None", words["config"]), as_json=bool(words["json"]))


def read_doctor(words: Words) -> Doctor:
    return Doctor(config=cast("str | None", words["config"]), flags=settings_given(words), as_json=bool(words["json"]))


def read_launch(words: Words) -> Launch:
    return Launch(
        agent=str(words["agent"]),
        config=cast("str | None", words["config"]),
        flags=settings_given(words),
        model=cast("str | None", words["model"]),
        arguments=cast("tuple[str, ...]", words["rest"]),
    )


def read_completion(words: Words) -> Completion:
    return Completion(str(words["shell"]))


COMMANDS: Mapping[str, Grammar] = {
    "demo": Grammar(
        "try it out on this machine alone, with a simulated ARGO",
        add_nothing,
        read_demo,
        more="It needs neither network nor configuration, and leaves nothing behind.",
    ),
    "models": Grammar(
        "list the models, their names and what they can do",
        add_models,
        read_models,
        more="The list is that of ARGO where it can be reached, else the built-in one; the last line says which.",
    ),
    "doctor": Grammar(
        "check everything that serving needs, with the cures",
        add_doctor,
        read_doctor,
        more="It ends with 0 when nothing has failed, else with 1.",
    ),
    "launch": Grammar(
        "start codex, aider or opencode on the proxy that runs",
        add_launch,
        read_launch,
        more="It is set for this run only: nothing is written into the agent's own files.",
        passes_on=True,
    ),
    "completion": Grammar(
        "print the completion script of bash, zsh or fish",
        add_completion,
        read_completion,
        more='In the start file of bash or zsh: eval "$(argo-proxy completion bash)"; of fish: argo-proxy completion'
        " fish | source",
    ),
}
