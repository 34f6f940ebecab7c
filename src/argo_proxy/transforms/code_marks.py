"""Tells whether a place in a Markdown text is inside code, where what looks like a call is only quoted."""

from __future__ import annotations

import re

_FENCE = re.compile(r" {0,3}(?P<run>`{3,}|~{3,})(?P<info>.*)", re.DOTALL)
_TICKS = re.compile(r"(`*)([^`]*)")
_WATCHED_CHARS = 400
"""Of a line, which may be endless, its beginning tells whether it is a fence."""


class CodeMarks:
    """Feed it the text up to the place in question."""

    def __init__(self) -> None:
        self._fence = ""
        self._line = ""
        self._opened = 0  # how many backticks have opened the code in this line, which as many close
        self._run = 0  # how many stand right before this place

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
        return bool(self._fence or self._opened_now or self._fence_here())

    def _take(self, text: str) -> None:
        self._line += text[: _WATCHED_CHARS - len(self._line)]
        for run, rest in _TICKS.findall(text):
            self._run += len(run)
            if rest:
                self._opened, self._run = self._opened_now, 0

    @property
    def _opened_now(self) -> int:
        if not self._opened:
            return self._run
        return 0 if self._run == self._opened else self._opened

    def _end_line(self) -> None:
        run = self._fence_here()
        if not self._fence:
            self._fence = run
        elif run.startswith(self._fence) and self._line.strip() == run:
            self._fence = ""
        self._line = ""
        self._opened = self._run = 0

    def _fence_here(self) -> str:
        """The marks of the fence that this line is, as far as it is known; empty if it is none."""
        found = _FENCE.match(self._line)
        if found is None or (found["run"][0] == "`" and "`" in found["info"]):
            return ""
        return found["run"]
