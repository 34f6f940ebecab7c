"""Adds to what a model is told before the conversation begins."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from argo_proxy.canonical.chat import Message, Text


def instructed(messages: Sequence[Message], text: str) -> tuple[Message, ...]:
    """The conversation with this at the end of its first instructions: providers differ on any later ones."""
    match messages:
        case (Message(role="system") as first, *rest):
            return (replace(first, parts=(*first.parts, Text(f"\n{text}"))), *rest)
        case _:
            return (Message("system", (Text(text),)), *messages)
