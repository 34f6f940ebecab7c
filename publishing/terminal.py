"""A terminal with a program on it: what is typed, and what is shown at the end, with its colours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from io import StringIO
from itertools import groupby
from typing import NamedTuple

import pexpect
import pyte
from pyte.screens import Char
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

ROWS = 100
DEADLINE_S = 30
COLOURS = {"default": "", "brown": "yellow"}
"""As rich calls them, where it calls them otherwise."""
SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""As rich has it, but for the fonts, which it would fetch from elsewhere."""


class Answer(NamedTuple):
    """What is typed when this is asked. A key is pressed as it is; all else is a line."""

    question: str
    typed: str
    key: bool = False


def shown(command: Sequence[str], answers: Sequence[Answer], environ: Mapping[str, str], columns: int) -> list[Text]:
    """The lines that stand on the terminal at the end, without the empty ones below."""
    screen = pyte.Screen(columns, ROWS)
    pyte.Stream(screen).feed(played(command, answers, environ, columns))
    lines = [line(screen.buffer[row], columns) for row in range(ROWS)]
    last = max(number for number, text in enumerate(lines) if text.plain)
    return lines[: last + 1]


def played(command: Sequence[str], answers: Sequence[Answer], environ: Mapping[str, str], columns: int) -> str:
    """All that the program writes."""
    program, *words = command
    child = pexpect.spawn(
        program,
        words,
        env=dict(environ),
        cwd=environ["HOME"],
        encoding="utf-8",
        timeout=DEADLINE_S,
        dimensions=(ROWS, columns),
    )
    child.delaybeforesend = None
    child.logfile_read = written = StringIO()
    try:
        for answer in answers:
            child.expect_exact(answer.question)
            child.send(answer.typed if answer.key else f"{answer.typed}\r")
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)
    return written.getvalue()


def line(row: Mapping[int, Char], columns: int) -> Text:
    text = Text()
    for style, chars in groupby((row[at] for at in range(columns)), key=style_of):
        text.append("".join(char.data for char in chars), style=style)
    text.rstrip()
    return text


def style_of(char: Char) -> str:
    colour = COLOURS.get(char.fg, char.fg)
    return f"bold {colour}".rstrip() if char.bold else colour


def drawn(lines: Sequence[Text], columns: int, name: str) -> str:
    """The picture, which is the same for the same lines."""
    console = Console(record=True, width=columns, file=StringIO(), force_terminal=True)
    for text in lines:
        console.print(text, soft_wrap=True)
    return console.export_svg(title="", code_format=SVG, theme=DIMMED_MONOKAI, unique_id=name)


def text_in(picture: str) -> str:
    """What a picture says."""
    return "\n".join(re.findall(r"<text [^>]*>([^<]*)</text>", picture))
