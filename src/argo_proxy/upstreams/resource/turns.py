"""For providers that refuse an empty turn, or a conversation without a user: what to send in their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from argo_proxy.canonical.chat import Message, Text

EMPTY_TURN = Text("(empty)")


def spoken(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The same conversation without blank texts, and with at least one user turn."""
    kept = tuple(_without_blanks(messages))
    if any(message.role == "user" for message in kept):
        return kept
    match kept:
        case (*earlier, Message(role="system") as last):
            return (*earlier, replace(last, role="user"))
        case _:
            return (*kept, Message("user", (EMPTY_TURN,)))


def _without_blanks(messages: Sequence[Message]) -> Iterator[Message]:
    for message in messages:
        parts = tuple(part for part in message.parts if not isinstance(part, Text) or part.text.strip())
        if parts:
            yield replace(message, parts=parts)
        elif message.role == "user":
            yield replace(message, parts=(EMPTY_TURN,))
