"""What the log shows of a body: without secrets, and short wherever it is long.

However long the body is, the work is bounded: strings are looked at in their beginning alone, and what comes after the
room that there is not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec

from argo_proxy.telemetry.redaction import HIDDEN, LONE_NAME, SECRET_NAME

Hide: TypeAlias = Callable[[str], str]

ROOM = 16_000
"""The longest excerpt, in characters."""
_LONGEST_TEXT = 2_000
_LOOKED_AT = 4_096
"""So many bytes of a string are decoded."""
_LONGEST_BETWEEN = 200
_CLOSING = "]}, \r\n"
_SHORT = 4
_MOST_QUOTES = 100_000
"""So many escaped quotes may be in one string before its end is given up."""
_RUN = re.compile(
    r"(?P<head>data:[^\s,\"'<>\\]{0,120},)[^\s\"'<>()\\]{80,}|(?<![\w+/-])[A-Za-z0-9+/][A-Za-z0-9+/_-]{99,}={0,2}"
)
"""A data URL, or what is as long as base64 alone."""
_UNBROKEN = "".join(map(chr, range(0x21, 0x7F))).replace(",", "")
_WHOLE_CHARACTERS = re.compile(rb"(?:[^\\]|\\u[0-9A-Fa-f]{4}|\\[^u])*", re.DOTALL)
_SCALAR = re.compile(r"[\w.+-]+")


def excerpt(body: bytes, hide: Hide) -> str:
    """The body as text: JSON stays JSON as long as nothing of its structure had to be cut."""
    if body[:64].lstrip().startswith((b"{", b"[", b"data: ")):
        return _within_room(_json(body, hide), len(body))
    return _text(body[:ROOM].decode("utf-8", "replace"), max(0, len(body) - ROOM), ROOM, hide)


def _within_room(pieces: Iterator[str], size: int) -> str:
    told: list[str] = []
    room = ROOM
    for piece in pieces:
        if len(piece) > room:
            return "".join(told) + f"<cut, of {size:,} bytes>"
        told.append(piece)
        room -= len(piece)
    return "".join(told)


def _json(body: bytes, hide: Hide) -> Iterator[str]:
    """The strings of the JSON in the body, each cut by itself, and what is between them."""
    at, fields = 0, _Fields()
    while at < len(body):
        opening = _find(body, at)
        yield fields.between(_between(body[at:opening], hide))
        if opening == len(body):
            return
        closing = _end_of_string(body, opening + 1)
        seen = min(closing, opening + 1 + _LOOKED_AT)
        text = _decoded(body[opening + 1 : seen])
        at = closing + 1
        is_name = body[at : at + 20].lstrip()[:1] == b":"
        hidden = fields.hide(text, is_name=is_name)
        shown = HIDDEN if hidden else _text(text, closing - seen, _LONGEST_TEXT, hide)
        yield msgspec.json.encode(shown).decode()


class _Fields:
    """Which values are secret: those of a field with such a name, a list to its end, and what comes after the name of
    a secret that is itself a value, as in a list of headers.
    """

    def __init__(self) -> None:
        self._secret = False
        self._depth = 0
        self._named = False

    def hide(self, text: str, *, is_name: bool) -> bool:
        """Whether this string is not to be shown."""
        if not is_name:
            hidden = self._secret or self._named
            self._named = not hidden and LONE_NAME.fullmatch(text) is not None
            return hidden
        if self._depth > 0:
            return True
        self._secret = SECRET_NAME.search(text) is not None
        return False

    def between(self, text: str) -> str:
        """What comes before the next string, which may be a field's own value, and may be its end."""
        if not self._secret:
            return text
        self._depth += text.count("[") - text.count("]")
        if self._depth <= 0 and any(end in text for end in ",{}]"):
            self._secret, self._depth = False, 0
        return _SCALAR.sub(HIDDEN, text)


def _between(raw: bytes, hide: Hide) -> str:
    """Numbers and brackets, of many the first; in what is no JSON, anything."""
    text = raw[:_LONGEST_BETWEEN].decode("utf-8", "replace")
    if len(raw) > _LONGEST_BETWEEN:
        head, last = text.rpartition(",")[0], raw[-20:].decode("latin-1")
        return f"{hide(head)},<{len(raw) - len(head):,} characters>{last[len(last.rstrip(_CLOSING)) :]}"
    return hide(text) if len(text) > _SHORT else text


def _find(body: bytes, at: int) -> int:
    """Where the next quote is, or the end."""
    found = body.find(b'"', at)
    return len(body) if found < 0 else found


def _end_of_string(body: bytes, at: int) -> int:
    """Where the quote is that ends the string which begins here."""
    for _ in range(_MOST_QUOTES):
        quote = _find(body, at)
        if body[quote - 1 : quote] != b"\\" or _escapes(body[at:quote]) % 2 == 0:
            return quote
        at = quote + 1
    return len(body)


def _escapes(text: bytes) -> int:
    """How many backslashes it ends in."""
    return len(text) - len(text.rstrip(b"\\"))


def _decoded(raw: bytes) -> str:
    """The beginning of a string in JSON."""
    whole = _WHOLE_CHARACTERS.match(raw)
    head = whole[0] if whole else b""
    try:
        return msgspec.json.decode(b'"%s"' % head.decode("utf-8", "ignore").encode(), type=str)
    except msgspec.DecodeError:
        return head.decode("utf-8", "replace")


def _text(text: str, unseen: int, longest: int, hide: Hide) -> str:
    """A text of which so much more was not looked at. No word is cut in two: a half of a key is not known for a key."""
    if unseen:
        head = text.rstrip(_UNBROKEN)
        text, unseen = head, unseen + len(text) - len(head)
    told = hide(_RUN.sub(_length, text))
    if len(told) > longest:
        shown = told[:longest]
        told, unseen = shown, unseen + len(told) - len(shown)
    return f"{told}<{unseen:,} characters>" if unseen else told


def _length(run: re.Match[str]) -> str:
    head = run["head"] or ""
    return f"{head}<{len(run[0]) - len(head):,} characters>"
