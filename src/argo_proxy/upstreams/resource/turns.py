"""For providers that are particular about turns: the same conversation in an order and form that they take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from argo_proxy.canonical.chat import Message, Text

EMPTY_TURN = Text("(empty)")
LEFT_OUT = Text("(the beginning of this conversation is left out)")


def spoken(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The same conversation without blank texts, and with at least one user turn."""
    kept = tuple(_without_blanks(messages))
    if any(message.role == "user" for message in kept):
        return kept
    last = kept[-1] if kept else None
    if last is not None and last.role == "system":
        return (*kept[:-1], replace(last, role="user"))
    if last is not None and last.role == "tool":
        return kept
    return (*kept, Message("user", (EMPTY_TURN,)))


def opened(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The same conversation with the user's turn as its first."""
    for at, message in enumerate(messages):
        if message.role != "system":
            return tuple(messages) if message.role == "user" else _with_beginning(messages, at)
    return tuple(messages)


def begun(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The same conversation, in which something comes before the first calls."""
    for at, message in enumerate(messages):
        if message.role != "system":
            return _with_beginning(messages, at) if message.calls else tuple(messages)
    return tuple(messages)


def joined(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The same conversation without two turns of the assistant in a row."""
    kept: list[Message] = []
    for message in messages:
        if kept and message.role == kept[-1].role == "assistant":
            kept[-1] = replace(kept[-1], parts=kept[-1].parts + message.parts)
        else:
            kept.append(message)
    return tuple(kept)


def _with_beginning(messages: Sequence[Message], at: int) -> tuple[Message, ...]:
    return (*messages[:at], Message("user", (LEFT_OUT,)), *messages[at:])


def _without_blanks(messages: Sequence[Message]) -> Iterator[Message]:
    for message in messages:
        parts = tuple(part for part in message.parts if not isinstance(part, Text) or part.text.strip())
        if parts:
            yield replace(message, parts=parts)
        elif message.role == "user":
            yield replace(message, parts=(EMPTY_TURN,))
