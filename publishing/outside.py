"""Files of the repository that are no pages of the site, but linked to: where their copies are."""

from __future__ import annotations

import posixpath
from pathlib import Path

from publishing.markdown import links, with_links

ROOT = Path(__file__).parent.parent
COPIES = "repository"


def linked_files() -> list[str]:
    """The files outside docs/ that pages link to, and those that these link to, by their paths in the repository."""
    found: set[str] = set()
    waiting = [str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md")]
    while waiting:
        path = waiting.pop()
        new = {target for target in targets(path) if not target.startswith("docs/")} - found
        found |= new
        waiting += [target for target in new if target.endswith(".md")]
    return sorted(found)


def targets(path: str) -> list[str]:
    """The files that the page at this path of the repository links to, by their paths there."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return [target_of(path, link) for _, link, _ in links(text) if link and ":" not in link]


def target_of(path: str, link: str) -> str:
    """The file that a link means; a folder stands for what introduces it."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
    return f"{target}/README.md" if (ROOT / target).is_dir() else target


def place_of(path: str) -> str:
    """Where a file of the repository is in the site's sources."""
    return path.removeprefix("docs/") if path.startswith("docs/") else f"{COPIES}/{path}"


def relinked(markdown: str, place: str) -> str:
    """The page with links to the copies, where it links to what is outside docs/."""
    path = place.removeprefix(f"{COPIES}/") if place.startswith(f"{COPIES}/") else f"docs/{place}"

    def changed(link: str) -> str:
        if ":" in link:
            return link
        return posixpath.relpath(place_of(target_of(path, link)), posixpath.dirname(place) or ".")

    return with_links(markdown, changed)
