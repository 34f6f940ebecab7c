"""The pages of the users' guide, and the blocks of code in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
GUIDE = ROOT / "docs" / "guide"
PAGES = {str(path.relative_to(GUIDE)): path.read_text(encoding="utf-8") for path in sorted(GUIDE.rglob("*.md"))}
ADDRESS = "127.0.0.1:8080"
"""Where the proxy of every block listens; a test puts its own there."""

OF_OLDER_VERSIONS = "moving-over.md"
"""A page that tells of keys and commands that there are not; `test_guide_moving_over` has them."""

ELSEWHERE = ("clients/llama-index.md", "clients/openai-agents.md")
"""Their packages are in no environment of these tests; `make test-clients` runs their blocks."""

_FENCE = re.compile(
    r'^(?P<indent> *)```(?P<language>\w*)(?: title="(?P<title>[^"\n]+)")?(?P<rest>[^\n]*)\n'
    r"(?P<code>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A block of code; `title` is the file that it is to be written into, where there is one."""

    page: str
    line: int
    language: str
    title: str
    code: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    def at(self, port: int) -> str:
        """The code for a proxy that listens on another port."""
        return self.code.replace(ADDRESS, f"127.0.0.1:{port}")


def blocks_of(page: str, text: str) -> list[Block]:
    found = []
    for match in _FENCE.finditer(text):
        assert not match["rest"].strip(), f"{page}: a block begins with more than language and title: {match[0]!r}"
        code = re.sub(f"^{match['indent']}", "", match["code"], flags=re.MULTILINE)
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(page, line, match["language"], match["title"] or "", code))
    return found


BLOCKS = [block for page, text in PAGES.items() for block in blocks_of(page, text)]


def blocks(language: str, *pages: str, titled: bool | None = None) -> list[Block]:
    """Those of a language; on these pages, or on all; with a title, without one, or either."""
    return [
        block
        for block in BLOCKS
        if block.language == language
        and (not pages or block.page in pages)
        and (titled is None or bool(block.title) is titled)
    ]


def titled(title: str) -> Block:
    """The one block that is to be written into a file of this name."""
    [block] = [block for block in BLOCKS if block.title == title]
    return block
