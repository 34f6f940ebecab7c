"""Finds the calls that a model writes into its text, however the text is cut.

Laws: text and calls do not depend on the cuts. What turns out to be no call is passed on to the letter, as soon as that
is plain. The work is linear in the length of the text: attempts end at the first character that does not fit, and those
that fail may read no more than `PATIENCE` times the text before them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import Struct

from argo_proxy.canonical.chat import ToolCall
from argo_proxy.transforms.code_marks import CodeMarks
from argo_proxy.transforms.literals import LiteralReader
from argo_proxy.transforms.overlap import overlap

Found: TypeAlias = str | tuple[ToolCall, ...]

PATIENCE = 2
PATIENCE_CHARS = 20_000
ATTEMPT_CHARS = 40
"""What failed attempts may read in any case, for each character before them and to begin with, and what each counts
beside that: hostile text can be made of nothing but beginnings, each inside the other. Where patience is at an end, a
beginning is only text."""

_SPACE = re.compile(r"\s*")
_FENCE, _JSON_FENCE = "```", "```json"
"""Models like to put the literal into a code block, inside the tags."""
_LONGEST_GAP = 1000
"""How much white space may stand between a tag and its call."""


class Spelling(Struct, frozen=True):
    """How a call looks in text: `opening`, a literal or several, `closing`, which may be missing; white space between.

    Where `opening` is the bracket of the literal, there are no tags.
    """

    opening: str
    read: Callable[[str, str], tuple[ToolCall, ...]]
    """The calls that a literal makes, given its text and what that is as JSON; none if it makes no call."""
    closing: str = ""
    made_up: str = ""
    """What follows a call only where the model goes on to make up the result: there the answer ends."""

    @property
    def markers(self) -> tuple[str, ...]:
        return tuple(marker for marker in (self.opening, self.closing, self.made_up) if marker)


class CallFinder:
    """Feed it the text, then finish; both give back what was found: text to show, and calls."""

    def __init__(self, spelling: Spelling) -> None:
        self.ended = False
        self._spelling = spelling
        self._marker = re.compile("|".join(map(re.escape, spelling.markers)))
        self._marks = CodeMarks()
        self._patience = PATIENCE_CHARS
        self._called = False
        self._closing = False
        self._fenced = False  # the literal stands in a code block inside the tags
        self._rest = ""  # what may begin a marker
        self._attempt: _Attempt | None = None
        self._shown: list[str] = []
        self._found: list[Found] = []

    def feed(self, text: str) -> Sequence[Found]:
        """What these characters bring to light."""
        attempt = self._attempt
        if attempt is None:
            self._scan(self._rest + text, 0)
        elif attempt.feed(text):
            self._attempt = None
            text = attempt.text()
            self._scan(text, self._settle(text, 0, attempt))
        return self._take()

    def finish(self) -> Sequence[Found]:
        """What is left at the end: an attempt that was never completed is text, and may have calls inside."""
        while self._attempt is not None:
            text, self._patience = self._attempt.text(), self._patience - self._attempt.end - ATTEMPT_CHARS
            self._attempt = None
            self._scan(text, self._pass_one(text, 0))
        if not self._closing:
            self._show(self._rest)
        self._rest = ""
        return self._take()

    def _scan(self, text: str, at: int) -> None:
        """Go through the text, as far as it tells what it is; the rest waits."""
        self._rest = ""
        while at < len(text) and self._attempt is None and not self.ended:
            end = self._skip_closing(text, at) if self._closing else self._search(text, at)
            if end < 0:
                self._rest = text[~end:]
                return
            at = end

    def _search(self, text: str, at: int) -> int:
        """Show what is plain text; where to go on, or `~place` where more is needed to tell."""
        found = self._marker.search(text, at)
        if found is None:
            plain = len(text) - overlap(text, self._spelling.markers)
            self._show(text[at : max(plain, at)])
            return ~max(plain, at) if plain < len(text) else plain
        self._show(text[at : found.start()])
        if self._marks.inside or self._patience <= 0:
            return self._pass_one(text, found.start())
        if found[0] == self._spelling.opening:
            return self._try(text, found.start(), found.end())
        if not self._called:
            return self._pass_one(text, found.start())
        self.ended = found[0] == self._spelling.made_up
        return found.end()

    def _try(self, text: str, start: int, opened: int) -> int:
        """Look for the literal of what may be a call."""
        if not self._spelling.closing:
            return self._read(text, start, start)
        begin = _after_space(text, opened)
        rest = text[begin : begin + len(_JSON_FENCE)]
        if _JSON_FENCE.startswith(rest) and rest != _JSON_FENCE and begin - opened <= _LONGEST_GAP:
            return ~start
        self._fenced = text.startswith(_FENCE, begin)
        if self._fenced:
            fence = _JSON_FENCE if text.startswith(_JSON_FENCE, begin) else _FENCE
            begin = _after_space(text, begin + len(fence))
        if begin - opened > _LONGEST_GAP or text[begin : begin + 1] not in ("", "{", "["):
            return self._pass_one(text, start)
        return ~start if begin == len(text) else self._read(text, start, begin)

    def _read(self, text: str, start: int, begin: int) -> int:
        """Read what may be a call, as far as it goes."""
        attempt = _Attempt(text, start, begin)
        if attempt.is_over:
            return self._settle(text, start, attempt)
        self._attempt = attempt
        return len(text)

    def _settle(self, text: str, start: int, attempt: _Attempt) -> int:
        """An attempt is over: it was calls, or text after all. Where to go on."""
        begin, end = start + attempt.begin, start + attempt.end
        if attempt.succeeded:
            calls = self._spelling.read(text[begin:end], attempt.json())
            if calls:
                self._add(calls)
                return end
            if not self._spelling.closing:
                self._show(text[start:end])
                return end
        self._patience -= attempt.end + ATTEMPT_CHARS
        return self._pass_one(text, start)

    def _skip_closing(self, text: str, at: int) -> int:
        """Leave out the closing tag, or go on with another call before it, unless something else comes first."""
        closing = self._spelling.closing
        end = _after_space(text, at)
        unfenced = end
        if self._fenced and text.startswith(_FENCE, end):
            end = _after_space(text, end + len(_FENCE))
        found = text[end : end + len(closing)]
        near = end - at <= _LONGEST_GAP
        awaited = (closing, _FENCE) if self._fenced else (closing,)
        if near and any(marker.startswith(found) and marker != found for marker in awaited):
            return ~at
        self._closing = False
        if near and text[end] in "{[":
            return self._read(text, at, end)
        if near and found == closing:
            return end + len(closing)
        return end if end > unfenced else at

    def _pass_one(self, text: str, at: int) -> int:
        """A marker that means nothing here: its first character is text, and the search goes on after it."""
        self._show(text[at : at + 1])
        return at + 1

    def _show(self, text: str) -> None:
        if text:
            self._patience += PATIENCE * len(text)
            self._marks.feed(text)
            self._shown.append(text)

    def _add(self, calls: tuple[ToolCall, ...]) -> None:
        self._found += [*self._take_shown(), calls]
        self._called = True
        self._closing = bool(self._spelling.closing)

    def _take(self) -> Sequence[Found]:
        found, self._found = [*self._found, *self._take_shown()], []
        return found

    def _take_shown(self) -> Sequence[str]:
        shown, self._shown = "".join(self._shown), []
        return [shown] if shown else []


class _Attempt:
    """A literal being read, and the text since the marker before it. `begin` and `end` count from that marker."""

    def __init__(self, text: str, start: int, begin: int) -> None:
        self.begin = begin - start
        self._reader = LiteralReader()
        self.end = self._reader.feed(text, begin) - start
        self._pieces = [] if self.is_over else [text[start:]]

    @property
    def is_over(self) -> bool:
        return self._reader.state != "open"

    @property
    def succeeded(self) -> bool:
        return self._reader.state == "complete"

    def feed(self, text: str) -> bool:
        """Whether it is over with this piece."""
        self._pieces.append(text)
        self.end += self._reader.feed(text)
        return self.is_over

    def text(self) -> str:
        """Everything since the marker."""
        return "".join(self._pieces)

    def json(self) -> str:
        return self._reader.json()


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()
