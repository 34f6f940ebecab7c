"""Flags of settings, made from the table that declares them; what they give is raw."""

import argparse
from collections.abc import Mapping
from typing import cast

from argo_proxy.settings.table import Key, keys


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


def settings_given(words: Mapping[str, object]) -> dict[str, str | bool]:
    """The settings among what argparse has read."""
    return cast("dict[str, str | bool]", {name: words[name] for name in keys() if name in words})
