"""The words of the command line. The flags of settings are made from their table, and give raw values."""

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from argo_proxy.settings.table import Key, keys

DEMO_ABOUT = "try it out: a simulated ARGO and the proxy on free ports; no network, no configuration"
ABOUT = "Use Argonne's ARGO gateway from every program that speaks the OpenAI API."
# argparse reads these as -v -v, and would serve where only a check was asked for.
JOINED_VALIDATE = re.compile(r"-[svq]*vv[svq]*")
COMMANDS = f"""\
commands:
  argo-proxy demo       {DEMO_ABOUT}
                        (a configuration file of that name: ./demo)
"""


@dataclass(frozen=True, slots=True)
class Options:
    """What to serve: the configuration file asked for, and the raw values of the flags given, by key."""

    config: str | None
    flags: Mapping[str, str | bool]
    show: bool = False
    validate: bool = False
    edit: bool = False
    version: bool = False


@dataclass(frozen=True, slots=True)
class Demo:
    """The `demo` command."""


def parse(argv: Sequence[str]) -> Options | Demo:
    """Raises SystemExit after help, the version, or a usage error, as argparse does."""
    if argv and argv[0] == "demo":
        demo_parser().parse_args(argv[1:])
        return Demo()
    parser = serve_parser()
    if any(word != "-vv" and JOINED_VALIDATE.fullmatch(word) for word in argv):
        parser.error("-vv (--validate) cannot be joined with other short flags: write it by itself")
    words = cast("dict[str, object]", vars(parser.parse_args(argv)))
    if words["config"] == "demo":
        parser.error("the demo takes no flags: give `demo` alone, or ./demo for a configuration file of that name")
    return options(words)


def options(words: Mapping[str, object]) -> Options:
    return Options(
        config=cast("str | None", words["config"]),
        flags=cast("dict[str, str | bool]", {name: words[name] for name in keys() if name in words}),
        show=bool(words["show"]),
        validate=bool(words["validate"]),
        edit=bool(words["edit"]),
        version=bool(words["version"]),
    )


def demo_parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog="argo-proxy demo", description=DEMO_ABOUT, allow_abbrev=False)


def serve_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="argo-proxy",
        description=ABOUT,
        epilog=COMMANDS,
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


def add_setting(parser: argparse.ArgumentParser, name: str, key: Key) -> None:
    """Absent flags leave no trace, so that only what was given beats the environment and the file."""
    about = key.about.replace("%", "%%")
    if not key.switch:
        parser.add_argument(*key.flags, dest=name, metavar=name.upper(), default=argparse.SUPPRESS, help=about)
        return
    either = parser.add_mutually_exclusive_group()
    either.add_argument(*key.flags, dest=name, action="store_true", default=argparse.SUPPRESS, help=about)
    if key.off_flags:
        off = f"opposite of {key.flags[0]}"
        either.add_argument(*key.off_flags, dest=name, action="store_false", default=argparse.SUPPRESS, help=off)
