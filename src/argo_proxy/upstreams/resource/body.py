"""The wire shape of a call of the resource API: the same for every provider but for its messages and tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Raw, Struct

from argo_proxy.canonical.chat import Role


class TextBlock(Struct, tag="text"):
    """A piece of text, as OpenAI and Anthropic write it."""

    text: str


class ImageUrl(Struct, omit_defaults=True):
    """Where an image is: always a data URL."""

    url: str
    detail: Literal["auto", "low", "high"] = "auto"


class ImageUrlBlock(Struct, tag="image_url"):
    """An image, as OpenAI writes it."""

    image_url: ImageUrl


class Base64Source(Struct, tag="base64"):
    """The bytes of an image, as Anthropic writes them."""

    media_type: str
    data: str


class ImageBlock(Struct, tag="image"):
    """An image, as Anthropic writes it."""

    source: Base64Source


class ToolUseBlock(Struct, tag="tool_use"):
    """A past call, as Anthropic writes it."""

    id: str
    name: str
    input: Raw


class ToolResultBlock(Struct, tag="tool_result", omit_defaults=True):
    """What came of a call, as Anthropic writes it."""

    tool_use_id: str
    content: str | Sequence[Block] | None = None


Block = TextBlock | ImageUrlBlock | ImageBlock | ToolUseBlock | ToolResultBlock


class WireMessage(Struct, omit_defaults=True):
    """One entry of `messages`. What is None is left out: ARGO refuses null."""

    role: Role
    content: str | Sequence[Block] | None = None
    name: str | None = None
    tool_calls: Sequence[Struct] | None = None
    tool_call_id: str | None = None


class WireTools(Struct, omit_defaults=True):
    """The part of a body that is about tools, in the provider's own form."""

    tools: Sequence[Struct] | None = None
    tool_choice: str | Struct | None = None


class Body(Struct, omit_defaults=True):
    """All of it. What is None is left to the model."""

    user: str
    model: str
    messages: Sequence[WireMessage]
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    stop: Sequence[str] | None = None
    tools: Sequence[Struct] | None = None
    tool_choice: str | Struct | None = None
