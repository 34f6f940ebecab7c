"""The navigation as mkdocs.yml has it, with folders written out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

Entry: TypeAlias = "str | Mapping[str, str | list[Entry]]"


def expanded(nav: list[Entry], docs: Path) -> list[Entry]:
    """A folder (`guide/`) becomes the pages in it that are not named elsewhere; its README or index comes first.

    A page that is named, but not there, is left out, and so is a heading with nothing below it.
    """
    named = set(pages_in(nav))
    return [*written_out(nav, docs, named)]


def pages_in(entries: list[Entry]) -> Iterator[str]:
    for entry in entries:
        match entry:
            case str():
                yield entry
            case Mapping():
                for inner in entry.values():
                    yield from pages_in([inner] if isinstance(inner, str) else inner)


def written_out(entries: list[Entry], docs: Path, named: set[str]) -> Iterator[Entry]:
    for entry in entries:
        match entry:
            case str() if entry.endswith("/"):
                yield from (page for page in pages_of(docs, entry) if page not in named)
            case str():
                yield from [entry] if (docs / entry).is_file() else []
            case Mapping():
                [(title, inner)] = entry.items()
                below = [*written_out([inner] if isinstance(inner, str) else inner, docs, named)]
                yield from [{title: below}] if below else []


def pages_of(docs: Path, folder: str) -> list[str]:
    pages = sorted((docs / folder).glob("*.md"), key=lambda page: (page.stem not in ("index", "README"), page.name))
    return [str(page.relative_to(docs)) for page in pages]
