"""Settings, command line, endpoints and decisions, as the pages show them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import cast

from argo_proxy.canonical.chat import JsonObject
from argo_proxy.cli.commands import command_parser
from argo_proxy.cli.parser import serve_parser
from argo_proxy.openapi import bodies
from argo_proxy.openapi.operations import OPERATIONS, Operation
from argo_proxy.settings.problems import CheckError
from argo_proxy.settings.table import Key, Settings, environ_names, keys
from argo_proxy.settings.writing import sample as sample_text

ROOT = Path(__file__).parent.parent
DECISIONS = ROOT / "docs" / "decisions"
WRONG_VALUE = "/"
"""No number, no switch, no host and no URL: what takes it takes any text."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join([line(head), "|" + "---|" * len(head), *map(line, rows)])


def line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def settings() -> str:
    rows = [(f"`{name}`", default(name), key.about) for name, key in keys().items()]
    return table(("key", "default", "meaning"), rows)


def default(name: str) -> str:
    """As it would stand in the file; "" for none."""
    field = next((one for one in fields(Settings) if one.name == name), None)
    factory = MISSING if field is None else field.default_factory
    made: object = factory() if callable(factory) else None
    match made:
        case None | () | {} | "":
            return ""
        case bool():
            return f"`{str(made).lower()}`"
        case tuple():
            return code(cast("tuple[str, ...]", made))
        case _:
            return f"`{made}`"


def keys_in_full() -> str:
    return "\n".join(key_in_full(name, key) for name, key in keys().items())


def key_in_full(name: str, key: Key) -> str:
    facts = [
        ("default", default(name)),
        ("takes", expected(key)),
        ("environment", code(environ_names(name, key.more_environ))),
        ("flags", code((*key.flags, *key.off_flags))),
    ]
    told = "\n".join(f"- {what}: {value}" for what, value in facts if value)
    return f"### `{name}`\n\n{key.about[0].upper()}{key.about[1:]}.\n\n{told}\n"


def expected(key: Key) -> str:
    """What the check says that it expects; "" where any text will do."""
    try:
        key.check(WRONG_VALUE)
    except CheckError as wrong:
        return wrong.expected
    return ""


def sample() -> str:
    return f"```yaml\n{sample_text()}```"


def flags() -> str:
    actions = [one for one in serve_parser()._actions if one.option_strings]
    return table(("flag", "what it does"), map(row, actions))


def words_of(name: str) -> Callable[[], str]:
    return lambda: table(("word", "what it is"), map(row, command_parser(name)._actions))


def row(action: argparse.Action) -> tuple[str, str]:
    return code(action.option_strings) or f"`{action.dest}`", (action.help or "").replace("%%", "%")


def endpoints() -> str:
    return "\n".join(map(endpoint, OPERATIONS))


def endpoint(one: Operation) -> str:
    answers = [f"`{kind}`" for kind in one.answer if kind != "*/*"]
    facts = [
        ("fields", code(body_fields(one))),
        ("query", ", ".join(f"`{query['name']}` ({query['description']})" for query in one.query)),
        ("answer", " or ".join(answers) or "as ARGO gives it"),
        ("errors", ", ".join(map(str, one.errors)) or ("as ARGO gives them" if one.passed else "")),
        ("key", "never needed" if one.open else ""),
    ]
    told = "\n".join(f"- {what}: {value}" for what, value in facts if value)
    return f"### `{one.method.upper()} {one.path}`\n\n{one.summary}.\n\n{told}\n"


@cache
def schemas() -> dict[str, JsonObject]:
    return bodies.schemas()


def body_fields(one: Operation) -> list[str]:
    """The fields of the body, those first that must be there."""
    schema = one.asked or {}
    while "$ref" in schema:
        schema = schemas()[str(schema["$ref"]).rpartition("/")[2]]
    needed = cast("list[str]", schema.get("required", []))
    return sorted(cast("JsonObject", schema.get("properties", {})), key=lambda name: name not in needed)


def decisions() -> str:
    return "".join(f"- [{number}. {title}]({path.name})\n" for number, title, path in decided())


def decided() -> Iterator[tuple[int, str, Path]]:
    """Number and title of each decision, as its first line says, and its page."""
    for path in sorted(DECISIONS.glob("[0-9]*.md")):
        [(number, title)] = re.findall(r"^# (\d+)\. (.*)", path.read_text(encoding="utf-8"))
        yield int(number), title, path


def targets() -> str:
    """As `make help` lists them."""
    told = re.findall(r"^([a-z-]+):.*?## (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return table(("target", "what it does"), ((f"`make {name}`", about) for name, about in told))
