"""Tells whether a place in a Markdown text is inside code, where what looks like a call is only quoted."""

from __future__ import annotations

import re

_FENCE = re.compile(r" {0,3}(?P<run>`{3,}|~{3,})(?P<info>.*)", re.DOTALL)
_WATCHED_CHARS = 400
"""Of a line, which may be endless, its beginning tells whether it is a fence."""


class CodeMarks:
    """Feed it the text up to the place in question."""

    def __init__(self) -> None:
        self._fence = ""
        self._line = ""
        self._ticks = 0

    def feed(self, text: str) -> None:
        """More of the text."""
        *ended, rest = text.split("\n")
        for line in ended:
            self._take(line)
            self._end_line()
        self._take(rest)

    @property
    def inside(self) -> bool:
        """Whether the text has ended inside a fenced block, or between the backticks of a line."""
        return bool(self._fence) or self._ticks % 2 == 1 or _FENCE.match(self._line) is not None

    def _take(self, text: str) -> None:
        if len(self._line) < _WATCHED_CHARS:
            self._line += text[:_WATCHED_CHARS]
        self._ticks += text.count("`")

    def _end_line(self) -> None:
        found = _FENCE.match(self._line)
        if found is not None:
            run, info = found["run"], found["info"]
            if self._fence:
                closes = run.startswith(self._fence) and not info.strip()
                self._fence = "" if closes else self._fence
            elif run[0] == "~" or "`" not in info:
                self._fence = run
        self._line = ""
        self._ticks = 0
