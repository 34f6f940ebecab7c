r"""A story: one request and its answer, on both sides of the proxy, as a file that reads from top to bottom.

    # What it tells, in a line or two.

    --- settings                    (only where they are not the usual ones)
    --- the client asks             method and path, then the body
    --- the proxy asks ARGO         which call, then the body; `nothing` when it does not ask      (derived)
    --- ARGO answers                status, type and headers, then the body; once for each choice
    --- the proxy asks ARGO again   where an answer will not do; one more answer follows           (derived)
    --- the client gets             status, type and headers, then the body                        (derived)

A body that comes in pieces has a line `> piece` for each, with bytes as \xNN where a character is cut, and a last line
`! what happened` where the connection breaks.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

_SECTION = re.compile(r"^--- (.+)\n", re.MULTILINE)
_LINE_CHARS = 110


@dataclass(frozen=True)
class Story:
    about: str
    settings: str
    request: str
    call: str
    answers: tuple[Answer, ...]
    second_call: str
    reply: str

    def retold(self, reply: str, call: str = "nothing", second_call: str = "") -> Story:
        """The same story with what the proxy says now."""
        return replace(self, reply=reply, call=call, second_call=second_call)


@dataclass(frozen=True)
class Answer:
    """What ARGO says: status, type and headers in `head`; `broken` is what ends it before its end."""

    head: str
    body: str

    @property
    def status(self) -> int:
        return int(self.head.split()[0])

    @property
    def content_type(self) -> str:
        return self.head.splitlines()[0].partition(" ")[2]

    @property
    def retry_after(self) -> str | None:
        found = re.search(r"^retry-after: (.+)$", self.head, re.MULTILINE)
        return found and found[1]

    @property
    def pieces(self) -> list[bytes]:
        lines = self.body.splitlines()
        cut = [line[2:] for line in lines if line.startswith("> ")]
        return [_bytes(piece) for piece in cut] if cut else [self.body.encode()]

    @property
    def broken(self) -> str | None:
        last = self.body.splitlines()[-1:] or [""]
        return last[0][2:] if last[0].startswith("! ") else None


def read(text: str) -> Story:
    about, *told = _SECTION.split(text)
    sections = [(title, content.strip("\n")) for title, content in zip(told[::2], told[1::2], strict=True)]
    named = dict(sections)
    answers = [content.partition("\n\n") for title, content in sections if title == "ARGO answers"]
    return Story(
        about.strip("\n"),
        named.get("settings", ""),
        named["the client asks"],
        named.get("the proxy asks ARGO", ""),
        tuple(Answer(head, body) for head, _, body in answers),
        named.get("the proxy asks ARGO again", ""),
        named.get("the client gets", ""),
    )


def write(story: Story) -> str:
    answers = [("ARGO answers", paragraphs(answer.head, answer.body)) for answer in story.answers]
    if story.second_call:
        answers.insert(-1, ("the proxy asks ARGO again", story.second_call))
    sections = [
        ("settings", story.settings),
        ("the client asks", story.request),
        ("the proxy asks ARGO", story.call),
        *answers,
        ("the client gets", story.reply),
    ]
    return "\n".join([f"{story.about}\n", *(f"--- {title}\n{content}\n" for title, content in sections if content)])


def paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


def laid_out(value: object, indent: str = "") -> str:
    """JSON with short values on one line and long ones over several."""
    line = json.dumps(value, ensure_ascii=False)
    inner = indent + "  "
    if len(indent + line) <= _LINE_CHARS or not isinstance(value, dict | list):
        return line
    if isinstance(value, dict):
        rows = [f"{json.dumps(key)}: {laid_out(member, inner)}" for key, member in value.items()]
    else:
        rows = [laid_out(member, inner) for member in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n" + ",\n".join(inner + row for row in rows) + f"\n{indent}{closing}"


def _bytes(piece: str) -> bytes:
    return piece.encode().decode("unicode_escape").encode("latin-1")
