"""The body of a call of the resource API: the same for every provider but for its messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import Image, ImageLink, Part, Role, Sampling, Text


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


Block = TextBlock | ImageUrlBlock | ImageBlock


class WireMessage(Struct, omit_defaults=True):
    """One entry of `messages`."""

    role: Role
    content: str | Sequence[Block]
    name: str | None = None


class _Body(Struct, omit_defaults=True):
    user: str
    model: str
    messages: Sequence[WireMessage]
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    stop: Sequence[str] | None = None


def encode_body(messages: Sequence[WireMessage], sampling: Sampling, card: ModelCard, user: str) -> bytes:
    """The JSON that ARGO takes, with the limit of the answer under the name that the model knows."""
    body = _Body(user, card.id, messages, sampling.temperature, sampling.top_p)
    if card.token_limit == "max_tokens":
        body.max_tokens = sampling.max_tokens
    else:
        body.max_completion_tokens = sampling.max_tokens
    if card.takes_stop and sampling.stop:
        body.stop = sampling.stop
    return msgspec.json.encode(body)


def openai_block(part: Part) -> TextBlock | ImageUrlBlock:
    """A part as OpenAI writes it, and ARGO takes it for Google's models, too."""
    match part:
        case Text(text):
            return TextBlock(text)
        case Image(media_type, data, detail):
            return ImageUrlBlock(ImageUrl(f"data:{media_type};base64,{data}", detail))
        case ImageLink():
            raise AssertionError("links are fetched before a request is encoded")
