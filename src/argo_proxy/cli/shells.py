"""Completion scripts: what can be written, in the languages of three shells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

NAME = "argo-proxy"
ZSH_SPECIAL = str.maketrans({char: f"\\{char}" for char in "[]:\\"})

Value: TypeAlias = Literal["nothing", "text", "file"] | tuple[str, ...]
"""What comes after a flag, or stands for a word by position: a tuple lists all there is."""


@dataclass(frozen=True, slots=True)
class Word:
    """A flag with all its names; without any, a word by position."""

    flags: tuple[str, ...]
    takes: Value
    about: str


@dataclass(frozen=True, slots=True)
class Verb:
    """A command, and what can be written after it."""

    about: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Syntax:
    """What can be written after the program's name, and after each command."""

    serving: tuple[Word, ...]
    commands: Mapping[str, Verb]


def quoted(text: str) -> str:
    """In single quotes; zsh and bash need them so inside."""
    return "'" + text.replace("'", "'\\''") + "'"


def lines(rows: Iterable[str]) -> str:
    return "\n".join(f"        {row}" for row in rows)


# bash


def bash(known: Syntax) -> str:
    rows = [f"{name}) {bash_case(one.words)} ;;" for name, one in known.commands.items()]
    first = " ".join(known.commands)
    return f"""\
# eval "$({NAME} completion bash)"
_argo_proxy() {{
    local command=${{COMP_WORDS[1]}} current=$2 before=$3 words= files=
    [[ $COMP_CWORD == 1 ]] && command=
    case $command in
{lines(rows)}
        *) {bash_case(known.serving)} ;;
    esac
    [[ $COMP_CWORD == 1 ]] && words="{first} $words"
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    local IFS=$'\\n'
    [[ $files && $current != -* ]] && COMPREPLY+=($(compgen -f -- "$current"))
}}
complete -o filenames -F _argo_proxy {NAME}"""


def bash_case(own: tuple[Word, ...]) -> str:
    """By the word before: the values of that flag, else all flags and what may stand by itself."""
    values = [f"{'|'.join(one.flags)}) {bash_value(one)} ;;" for one in own if one.flags and one.takes != "nothing"]
    flags = " ".join(flag for one in own for flag in one.flags)
    plain = [one for one in own if not one.flags]
    choices = " ".join(choice for one in plain if isinstance(one.takes, tuple) for choice in one.takes)
    files = "; files=1" if any(one.takes == "file" for one in plain) else ""
    other = f"*) words={quoted(f'{choices} {flags}'.strip())}{files} ;;"
    return f"case $before in {' '.join([*values, other])} esac"


def bash_value(one: Word) -> str:
    match one.takes:
        case "file":
            return "files=1"
        case tuple():
            return f"words={quoted(' '.join(one.takes))}"
        case "text" | "nothing":
            return ":"


# zsh


def zsh(known: Syntax) -> str:
    described = " ".join(quoted(f"{name}:{one.about}") for name, one in known.commands.items())
    rows = [
        f"{name}) shift words; (( CURRENT-- )); {zsh_arguments(one.words)} ;;" for name, one in known.commands.items()
    ]
    return f"""\
#compdef {NAME}
# eval "$({NAME} completion zsh)", after compinit
_argo_proxy() {{
    local -a commands=({described})
    (( CURRENT == 2 )) && _describe command commands
    case $words[2] in
{lines(rows)}
        *) {zsh_arguments(known.serving)} ;;
    esac
}}
compdef _argo_proxy {NAME}"""


def zsh_arguments(own: tuple[Word, ...]) -> str:
    return " ".join(["_arguments -S", *(spec for one in own for spec in zsh_specs(one))])


def zsh_specs(one: Word) -> Iterator[str]:
    value = zsh_value(one)
    if not one.flags:
        yield quoted(f":{value}")
    for flag in one.flags:
        others = f"({' '.join(one.flags)})" if len(one.flags) > 1 else ""
        yield quoted(f"{others}{flag}[{one.about.translate(ZSH_SPECIAL)}]" + (f":{value}" if value else ""))


def zsh_value(one: Word) -> str:
    match one.takes:
        case "nothing":
            return ""
        case "text":
            return "value:"
        case "file":
            return "file:_files"
        case choices:
            return f"choice:({' '.join(choices)})"


# fish


def fish(known: Syntax) -> str:
    lines = [f"# {NAME} completion fish | source", f"complete -c {NAME} -f"]
    for name, command in known.commands.items():
        lines.append(f"complete -c {NAME} -n __fish_use_subcommand -a {name} -d {fish_quoted(command.about)}")
    none = f"not __fish_seen_subcommand_from {' '.join(known.commands)}"
    lines += [fish_line(none, one) for one in known.serving]
    for name, command in known.commands.items():
        lines += [fish_line(f"__fish_seen_subcommand_from {name}", one) for one in command.words]
    return "\n".join(lines)


def fish_line(condition: str, one: Word) -> str:
    names = [f"{fish_option(flag)} {flag.lstrip('-')}" for flag in one.flags]
    value = fish_value(one)
    described = [f"-d {fish_quoted(one.about)}"] if one.flags else []
    return " ".join([f"complete -c {NAME} -n {fish_quoted(condition)}", *names, *value, *described])


def fish_option(flag: str) -> str:
    """`-rs` is what fish calls an old-style option."""
    if flag.startswith("--"):
        return "-l"
    return "-s" if len(flag) == 2 else "-o"


def fish_value(one: Word) -> list[str]:
    required = ["-r"] if one.flags else []
    match one.takes:
        case "nothing":
            return []
        case "text":
            return required
        case "file":
            return [*required, "-F"]
        case choices:
            return [*required, f"-a {fish_quoted(' '.join(choices))}"]


def fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SCRIPTS: Mapping[str, Callable[[Syntax], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
