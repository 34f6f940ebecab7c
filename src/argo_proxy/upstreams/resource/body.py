"""The body of a call of the resource API: the same for every provider but for its messages and tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import Raw, Struct

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Image, ImageLink, Part, Role, Text, ToolCall, ToolResult


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


class _Body(Struct, omit_defaults=True):
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


_NO_TOOLS = WireTools()


def encode_body(
    messages: Sequence[WireMessage], request: ChatRequest, card: ModelCard, user: str, tools: WireTools = _NO_TOOLS
) -> bytes:
    """The JSON that ARGO takes, with the limit of the answer under the name that the model knows."""
    sampling = request.sampling
    body = _Body(user, card.id, messages, sampling.temperature, sampling.top_p)
    if card.token_limit == "max_tokens":
        body.max_tokens = sampling.max_tokens
    else:
        body.max_completion_tokens = sampling.max_tokens
    if card.takes_stop and sampling.stop and not sampling.stop_here:
        body.stop = sampling.stop
    body.tools, body.tool_choice = tools.tools, tools.tool_choice
    return msgspec.json.encode(body)


def openai_block(part: Part) -> TextBlock | ImageUrlBlock:
    """A part as OpenAI writes it, and ARGO takes it for Google's models, too."""
    match part:
        case Text(text):
            return TextBlock(text)
        case Image(media_type, data, detail):
            return ImageUrlBlock(ImageUrl(f"data:{media_type};base64,{data}", detail))
        case ImageLink() | ToolCall() | ToolResult():
            raise misplaced(part)


def openai_content(parts: Sequence[Part]) -> str | Sequence[Block]:
    """The content of a message as OpenAI writes it: one text as it is, all else in parts."""
    match parts:
        case (Text(text),):
            return text
        case _:
            return [openai_block(part) for part in parts]


def pictures(results: Sequence[ToolResult]) -> WireMessage | None:
    """The images that calls returned, as a turn of the user: results are text where they are not Anthropic's."""
    blocks: list[TextBlock | ImageUrlBlock] = []
    for result in results:
        images = [openai_block(part) for part in result.content if isinstance(part, Image)]
        blocks += [TextBlock(f"What the call {result.call_id} returned:"), *images] if images else []
    return WireMessage("user", blocks) if blocks else None


def object_of(arguments: str) -> Raw:
    """The arguments of a past call as a JSON object, to the letter. What is none is kept under a key of its own."""
    text = arguments.strip() or "{}"
    try:
        is_object = isinstance(msgspec.json.decode(text), dict)
    except (msgspec.DecodeError, RecursionError):
        is_object = False
    return Raw(text.encode() if is_object else msgspec.json.encode({"arguments": arguments}))


def misplaced(part: Part) -> AssertionError:
    """For parts that cannot be here: links are fetched, and calls paired, before a request is encoded."""
    return AssertionError(f"a {type(part).__name__} has no place here")
