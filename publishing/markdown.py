"""What a Markdown page is made of, as far as the site needs to know: prose, links, headings, blocks of code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

LINK = re.compile(r"(?<=\]\()([^)\s#]*)(#[^)\s]*)?(?=[)\s])")
_FENCE = re.compile(r"\s*(```+|~~~+)\s*(\S*)(?:.* title=\"([^\"]*)\")?")
_HEADING = re.compile(r"#{1,6} +(.+?)(?: *\{ *#([\w-]+) *\})?$")


class Line(NamedTuple):
    """One line. `language` is that of the block it stands in, "" for a block without one, None for prose."""

    number: int
    text: str
    language: str | None = None
    title: str = ""


class Block(NamedTuple):
    """A block of code, without its indentation and fences, the number of its first line, and its title, if any."""

    number: int
    language: str
    text: str
    title: str = ""


def lines(text: str) -> Iterator[Line]:
    """Every line; the fences of a block count as prose."""
    fence = language = None
    title = ""
    for number, line in enumerate(text.splitlines(), 1):
        found = _FENCE.match(line)
        if fence is None and found:
            fence, language, title = found[1], found[2], found[3] or ""
            yield Line(number, line)
        elif fence and line.strip() == fence:
            fence = language = None
            yield Line(number, line)
        else:
            yield Line(number, line, language, title)


def blocks(text: str) -> Iterator[Block]:
    code: list[Line] = []
    for line in (*lines(text), Line(0, "")):
        if line.language is not None:
            code.append(line)
        elif code:
            yield Block(code[0].number, code[0].language or "", dedented(code), code[0].title)
            code = []


def dedented(code: list[Line]) -> str:
    depth = min((len(line.text) - len(line.text.lstrip()) for line in code if line.text.strip()), default=0)
    return "".join(f"{line.text[depth:]}\n" for line in code)


def links(text: str) -> Iterator[tuple[int, str, str]]:
    """The line, the target and the anchor of every link and picture in the prose."""
    for line in lines(text):
        if line.language is None:
            yield from ((line.number, found[1], (found[2] or "")[1:]) for found in LINK.finditer(line.text))


def with_links(text: str, changed: Callable[[str], str]) -> str:
    """The page with every target of a link changed, but for links within the page."""

    def relinked(found: re.Match[str]) -> str:
        return (changed(found[1]) if found[1] else "") + (found[2] or "")

    told = (LINK.sub(relinked, line.text) if line.language is None else line.text for line in lines(text))
    return "\n".join(told) + "\n"


def anchors(text: str) -> set[str]:
    """What can follow a `#`: the headings, worded as MkDocs and code hosts do, and ids that are given."""
    found: set[str] = set(re.findall(r'\bid="([\w-]+)"', text))
    for line in lines(text):
        if line.language is None and (heading := _HEADING.fullmatch(line.text.strip())):
            found.add(distinct(heading[2] or slug(heading[1]), found))
    return found


def slug(heading: str) -> str:
    bare = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", bare).strip().lower())


def distinct(name: str, taken: set[str]) -> str:
    """A second heading of the same words is numbered."""
    number = 0
    told = name
    while told in taken:
        number += 1
        told = f"{name}_{number}"
    return told
