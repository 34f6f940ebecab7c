"""Reads one object or list in JSON or in Python's literals, however it is cut, and tells it as JSON.

Models write calls and answers as a Python dict, with `true` beside `None`, or with bare line breaks inside strings.
Laws: every character is read once; what is JSON stays what it is; nothing is ever evaluated.
"""

from __future__ import annotations

import json
import re
from typing import Literal

MAX_DEPTH = 100
_LONGEST_TOKEN = 400

_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"[A-Za-z]+")
_NUMBER = re.compile(r"[-+.0-9eE]+")
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_RUN = {'"': re.compile(r'[^"\\]*'), "'": re.compile(r"[^'\\]*")}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPE_BEGUN = re.compile(r"\\(?:u[0-9a-fA-F]{0,3}|x[0-9a-fA-F]?|U[0-9a-fA-F]{0,7})?")

_WORDS = {"true": "true", "True": "true", "false": "false", "False": "false", "null": "null", "None": "null"}
_CLOSERS = {"{": "}", "[": "]", "(": ")"}
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": "", **{char: char for char in "\"'\\/"}}

State = Literal["open", "complete", "broken"]
_Expected = Literal["key", "colon", "value", "separator"]


class LiteralReader:
    """Feed it the text from the opening bracket on. `state` tells whether more is needed, or will not help."""

    def __init__(self) -> None:
        self.state: State = "open"
        self._told: list[str] = []
        self._closers: list[str] = []
        self._expected: _Expected = "value"
        self._may_close = False
        self._comma_at: int | None = None
        self._quote = ""
        self._string: list[str] = []
        self._rest = ""

    def feed(self, text: str, at: int = 0) -> int:
        """Read on, from that place of the text. Where the literal ends in it; at its end, as long as it goes on."""
        unread = len(self._rest)
        if unread:
            text, self._rest, at = self._rest + text[at:], "", 0
        while at < len(text) and self.state == "open":
            at = self._read_string(text, at) if self._quote else self._read_token(text, at)
            if at < 0:  # for the rest of a token that may go on in the next piece
                self._rest = text[~at:]
                at = len(text)
        return at - unread

    def json(self) -> str:
        """The literal as JSON, once it is complete."""
        return "".join(self._told)

    def _read_token(self, text: str, at: int) -> int:
        """Read one token; where it ends, or `~at` if more is needed to tell."""
        char = text[at]
        if char in " \t\r\n":
            end = _SPACE.match(text, at).end()  # pyright: ignore[reportOptionalMemberAccess]
            self._told.append(text[at:end])
            return end
        if char in "\"'":
            return self._open_string(char, at)
        if char in "{[(":
            return self._open_bracket(char, at)
        if char in "}])":
            return self._close_bracket(char, at)
        if char in ",:":
            return self._separate(char, at)
        return self._read_atom(text, at)

    def _read_atom(self, text: str, at: int) -> int:
        pattern = _WORD if text[at].isalpha() else _NUMBER
        found = pattern.match(text, at)
        if found is None or self._expected != "value" or found.end() - at > _LONGEST_TOKEN:
            return self._break(at)
        if found.end() == len(text):
            return ~at
        atom = found[0]
        told = _WORDS.get(atom) if pattern is _WORD else atom if _JSON_NUMBER.fullmatch(atom) else None
        if told is None:
            return self._break(at)
        self._tell(told)
        self._expected = "separator"
        return found.end()

    def _open_string(self, quote: str, at: int) -> int:
        if self._expected not in ("key", "value"):
            return self._break(at)
        self._quote = quote
        return at + 1

    def _read_string(self, text: str, at: int) -> int:
        end = _RUN[self._quote].match(text, at).end()  # pyright: ignore[reportOptionalMemberAccess]
        self._string.append(text[at:end])
        if end == len(text):
            return end
        if text[end] == self._quote:
            self._close_string()
            return end + 1
        escape = _ESCAPE.match(text, end)
        if escape is None or _ESCAPE_BEGUN.fullmatch(text, end):
            return ~end
        self._string.append(_unescaped(escape))
        return escape.end()

    def _close_string(self) -> None:
        value = "".join(self._string)
        paired = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self._tell(json.dumps(paired, ensure_ascii=False))
        self._expected = "colon" if self._expected == "key" else "separator"
        self._quote = ""
        self._string.clear()

    def _open_bracket(self, char: str, at: int) -> int:
        if self._expected != "value" or len(self._closers) == MAX_DEPTH:
            return self._break(at)
        self._tell("[" if char == "(" else char)
        self._closers.append(_CLOSERS[char])
        self._expected = "key" if char == "{" else "value"
        self._may_close = True
        return at + 1

    def _close_bracket(self, char: str, at: int) -> int:
        if self._closers[-1:] != [char] or not (self._expected == "separator" or self._may_close):
            return self._break(at)
        if self._comma_at is not None:  # Python allows one before the bracket, JSON does not
            self._told[self._comma_at] = ""
        self._told.append("]" if char == ")" else char)
        self._closers.pop()
        self._expected = "separator"
        self._may_close, self._comma_at = False, None
        if not self._closers:
            self.state = "complete"
        return at + 1

    def _separate(self, char: str, at: int) -> int:
        if char == ":" and self._expected == "colon":
            self._told.append(":")
            self._expected = "value"
            return at + 1
        if char == "," and self._expected == "separator":
            self._comma_at = len(self._told)
            self._told.append(",")
            self._expected = "key" if self._closers[-1] == "}" else "value"
            self._may_close = True
            return at + 1
        return self._break(at)

    def _tell(self, token: str) -> None:
        self._told.append(token)
        self._may_close, self._comma_at = False, None

    def _break(self, at: int) -> int:
        self.state = "broken"
        return at


def _unescaped(escape: re.Match[str]) -> str:
    """What an escape of JSON or Python stands for; one of neither is kept as it stands."""
    code = escape[1] or escape[2] or escape[3]
    if code:
        return chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else escape[0]
    return _ESCAPED.get(escape[4], escape[0])
