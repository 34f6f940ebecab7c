"""The words of the command line: a command, or what to serve."""

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from argo_proxy.cli.commands import COMMANDS, Command, parse_command
from argo_proxy.cli.flags import add_setting, settings_given
from argo_proxy.settings.table import keys

ABOUT = "Use Argonne's ARGO gateway from every program that speaks the OpenAI API."
# argparse reads these as -v -v, and would serve where only a check was asked for.
JOINED_VALIDATE = re.compile(r"-[svq]*vv[svq]*")


@dataclass(frozen=True, slots=True)
class Options:
    """What to serve: the configuration file asked for, and the raw values of the flags given, by key."""

    config: str | None
    flags: Mapping[str, str | bool]
    show: bool = False
    validate: bool = False
    edit: bool = False
    version: bool = False


def parse(argv: Sequence[str]) -> Options | Command:
    """Raises SystemExit after help, the version, or a usage error, as argparse does."""
    if argv and argv[0] in COMMANDS:
        return parse_command(argv)
    parser = serve_parser()
    if any(word != "-vv" and JOINED_VALIDATE.fullmatch(word) for word in argv):
        parser.error("-vv (--validate) cannot be joined with other short flags: write it by itself")
    words = cast("dict[str, object]", vars(parser.parse_args(argv)))
    if words["config"] in COMMANDS:
        name = words["config"]
        parser.error(f"the command comes first: argo-proxy {name} ..; a configuration file of that name is ./{name}")
    return options(words)


def options(words: Mapping[str, object]) -> Options:
    return Options(
        config=cast("str | None", words["config"]),
        flags=settings_given(words),
        show=bool(words["show"]),
        validate=bool(words["validate"]),
        edit=bool(words["edit"]),
        version=bool(words["version"]),
    )


def commands_help() -> str:
    rows = "\n".join(f"  argo-proxy {name:<11} {grammar.about}" for name, grammar in COMMANDS.items())
    return f"commands (a configuration file of such a name is given as ./demo):\n{rows}"


def serve_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="argo-proxy",
        description=ABOUT,
        epilog=commands_help(),
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("config", nargs="?", help="configuration file; without one, the usual places")
    parser.add_argument("--edit", "-e", action="store_true", help="open the configuration file in your editor")
    parser.add_argument(
        "--validate", "-vv", action="store_true", help="check the configuration and ARGO's URLs, and exit: 0 or 2"
    )
    parser.add_argument("--show", "-s", action="store_true", help="print the configuration with all defaults")
    parser.add_argument(
        "--version", "-V", action="store_true", help="print the version, and whether a newer one is published"
    )
    for name, key in keys().items():
        if key.flags:
            add_setting(parser, name, key)
    return parser
