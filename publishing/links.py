"""Looks through a built site for links that lead nowhere: `python -m publishing.links site`.

Within the site every file and every anchor must be there. Of other sites nothing is loaded, and a link to one needs
only to look like one: this works without a network.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

LOADED = frozenset({"img", "script", "link", "iframe", "source", "video", "audio"})
"""Tags whose target a browser fetches by itself."""
NO_FETCH = frozenset({"canonical", "prev", "next"})


class Link(NamedTuple):
    target: str
    loaded: bool


class Reader(HTMLParser):
    """The ids and the links of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[Link] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        loaded = tag in LOADED and given.get("rel") not in NO_FETCH
        self.links += [Link(given[name], loaded) for name in ("href", "src") if name in given]


def read(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    reader.close()
    return reader


def complaints(site: Path) -> Iterator[str]:
    """A line for each link that is dead, and for all that is fetched from elsewhere."""
    pages = {str(path.relative_to(site)): read(path) for path in sorted(site.rglob("*.html"))}
    for name, page in pages.items():
        for link in page.links:
            if wrong := what_is_wrong(link, name, site, pages):
                yield f"{name}: {link.target}: {wrong}"


def what_is_wrong(link: Link, name: str, site: Path, pages: dict[str, Reader]) -> str | None:
    whole = urlsplit(urljoin(f"file:///{name}", link.target))
    if whole.scheme != "file":
        return abroad(link)
    path = unquote(whole.path).lstrip("/")
    path = f"{path}index.html" if not path or path.endswith("/") else path
    if not (site / path).is_file():
        return "no such file"
    if whole.fragment and path in pages and unquote(whole.fragment) not in pages[path].ids:
        return "no such anchor"
    return None


def abroad(link: Link) -> str | None:
    parts = urlsplit(link.target)
    match parts.scheme:
        case "data" | "mailto" | "javascript":
            return None
        case "http" | "https" if not link.loaded:
            return None if parts.hostname else "no host"
        case "http" | "https":
            return "fetched from elsewhere"
        case _:
            return "an unknown kind of link"


def main(site: Path) -> int:
    found = [*complaints(site)]
    for line in found:
        sys.stderr.write(f"{line}\n")
    sys.stdout.write(f"{len([*site.rglob('*.html')])} pages, {len(found)} bad links\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
