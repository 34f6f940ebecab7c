"""The parts of the pages that follow from the code: `python -m publishing.reference` writes them anew.

They stand in the pages, between `<!-- name -->` and `<!-- end of name -->`, so that there is one text for everybody who
reads it, here or on the site, and a change of the code shows in it. A test holds the pages against the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from argo_proxy.cli.commands import COMMANDS
from publishing import catalogue, tables

ROOT = Path(__file__).parent.parent
PARTS: Mapping[str, Callable[[], str]] = {
    "settings": tables.settings,
    "keys": tables.keys_in_full,
    "sample": tables.sample,
    "flags": tables.flags,
    **{f"words of {name}": tables.words_of(name) for name in COMMANDS},
    "endpoints": tables.endpoints,
    "errors": lambda: "\n".join(catalogue.sections()),
    "decisions": tables.decisions,
    "targets": tables.targets,
}
_PART = re.compile(r"(<!-- ([a-z ]+) -->\n).*?(^ *<!-- end of \2 -->)", re.DOTALL | re.MULTILINE)


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def renewed(text: str) -> str:
    """The page with every such part as the code has it now."""
    return _PART.sub(lambda part: f"{part[1]}\n{whole(part[2])}\n\n{part[3]}", text)


def whole(name: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", PARTS[name]().strip())


def names_in(text: str) -> list[str]:
    return [part[2] for part in _PART.finditer(text)]


def main() -> None:
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if (new := renewed(text)) != text:
            page.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
