"""A message that the guide quotes is one that the program can say: its fixed parts stand in the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.docs.answers import ASKED_FOR
from tests.docs.guide import ROOT, blocks

SOURCE = ROOT / "src" / "argo_proxy"
LEAST_LETTERS = 8
TOLD = 0.3
"""How much of a line has to be found; the rest are names, numbers, and what ARGO or the system says."""

VALUES = {"weather", "jdoe", "real", "native", "port", "codex"}
"""Names that the examples have, and words that are filled in."""

_PREFIX = re.compile(r"^(\d\d:\d\d:\d\d )?((info|warning|error): )?")


@cache
def templates() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Every text of the source as a pattern, beside its longest fixed part; the simulator is not the program."""
    texts = {
        text for path in SOURCE.rglob("*.py") if "simulator" not in path.parts for text in texts_in(path.read_text())
    }
    lines = {line.strip() for text in texts for line in text.split("\n")}
    return tuple(found for line in lines if (found := template(line)))


def texts_in(source: str) -> Iterator[str]:
    """Texts with what is filled in as a zero character; a text in pieces is one text to Python already."""
    tree = ast.parse(source)
    within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values):
                yield "".join(part.value if isinstance(part, ast.Constant) else "\0" for part in values)
            case ast.Constant(str(text)) if id(node) not in within:
                yield text
            case ast.Constant(bytes(data)):
                yield data.decode("latin-1")
            case _:
                pass


def template(line: str) -> tuple[str, re.Pattern[str]] | None:
    parts = re.split(r"\0|(?<!\{)\{[a-z_]+\}(?!\})", line)
    longest = max(parts, key=len)
    if " " not in longest.strip() or len(re.findall("[A-Za-z]", "".join(parts))) < LEAST_LETTERS:
        return None
    return longest, re.compile("(.*)".join(map(re.escape, parts)))


def covered(line: str) -> bytearray:
    """One for each character that is a fixed part of the source, else zero."""
    told = bytearray(len(line))
    for longest, pattern in templates():
        if longest in line and (match := pattern.search(line)):
            at = match.start()
            for start, end in (*match.regs[1:], (match.end(), match.end())):
                told[at:start] = b"\1" * (start - at)
                at = end
    return told


def share_of(line: str) -> float:
    told = covered(line)
    return sum(told) / len(told)


def strange_words(line: str) -> set[str]:
    """Words of the proxy's own language that are not in the source. What somebody else says follows a colon."""
    own = "".join(char if known else "\0" for char, known in zip(line, covered(line), strict=True))
    gaps = [(found.start(), line[found.start() : found.end()]) for found in re.finditer("\0+", own)]
    ours = [gap.partition(": ")[0] for start, gap in gaps if not re.search(r": ['\"]?$", line[:start])]
    return {word for gap in ours for word in re.findall(r"(?<![\w./:@'-])[a-z]{3,}(?![\w./:@'-])", gap)} - VALUES


LINES = [
    (str(block), bare)
    for block in blocks("text", titled=False)
    for line in block.code.splitlines()
    if (bare := _PREFIX.sub("", line).strip())
]


@pytest.mark.parametrize(("where", "line"), [(where, line) for where, line in LINES if line not in ASKED_FOR])
def test_what_is_quoted_stands_in_the_source(where: str, line: str) -> None:
    assert share_of(line) >= TOLD, where
    assert strange_words(line) == set(), where


def test_every_answer_that_is_asked_for_is_quoted() -> None:
    assert ASKED_FOR.keys() <= {line for _, line in LINES}


def test_what_the_program_never_says_is_not_found() -> None:
    assert share_of("the flux capacitor of this proxy is out of order; please buy a new one") < TOLD / 2
    assert strange_words("ARGO closed the connection within its answer") == {"within"}
