"""What follows from the code stands in the pages as the code has it: no flag, key, endpoint or decision is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from publishing.reference import PARTS, ROOT, names_in, pages, renewed

from argo_proxy.cli.commands import COMMANDS, command_parser
from argo_proxy.cli.parser import serve_parser
from argo_proxy.openapi.operations import OPERATIONS
from argo_proxy.settings.table import environ_names, keys

PLACES = {
    "README.md": ["settings", "flags"],
    "docs/configuration.md": ["keys", "sample"],
    "docs/command-line.md": ["flags", *(f"words of {name}" for name in COMMANDS)],
    "docs/endpoints.md": ["endpoints"],
    "docs/errors.md": ["errors"],
    "docs/decisions/README.md": ["decisions"],
    "docs/maintainers/testing.md": ["targets"],
}


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_part_that_follows_from_the_code_is_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert renewed(text) == text, "make reference"


def test_every_part_stands_where_its_readers_look_for_it() -> None:
    found = {str(page.relative_to(ROOT)): names_in(page.read_text(encoding="utf-8")) for page in pages()}
    assert {page: names for page, names in found.items() if names} == PLACES
    assert {name for names in PLACES.values() for name in names} == set(PARTS)


def test_an_outdated_part_is_seen_and_the_rest_stays() -> None:
    page = "before\n<!-- flags -->\n\nold\n\n<!-- end of flags -->\nafter\n"
    assert renewed(page).startswith("before\n<!-- flags -->\n\n| flag | what it does |\n|---|---|\n| `-h`, `--help` |")
    assert renewed(page).endswith("|\n\n<!-- end of flags -->\nafter\n")


def test_every_key_is_documented_with_its_variables_and_flags() -> None:
    text = text_of("docs/configuration.md")
    for name, key in keys().items():
        part = text.partition(f"### `{name}`\n")[2].partition("\n### ")[0]
        named = (*environ_names(name, key.more_environ), *key.flags, *key.off_flags)
        assert [word for word in named if f"`{word}`" not in part] == []


def test_every_flag_is_documented() -> None:
    parsers = [serve_parser(), *map(command_parser, COMMANDS)]
    flags = {flag for parser in parsers for action in parser._actions for flag in action.option_strings}
    assert [flag for flag in flags if f"`{flag}`" not in text_of("docs/command-line.md")] == []


def test_every_endpoint_is_documented() -> None:
    told = text_of("docs/endpoints.md")
    assert [one.name for one in OPERATIONS if f"### `{one.method.upper()} {one.path}`\n" not in told] == []


def test_every_decision_is_in_the_index() -> None:
    told = text_of("docs/decisions/README.md")
    written = [path.name for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")]
    assert written
    assert [name for name in written if f"]({name})" not in told] == []
