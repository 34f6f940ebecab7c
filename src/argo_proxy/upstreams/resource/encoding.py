"""Writes the body of a call of the resource API, and what the providers' ways of writing parts have in common."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Image, ImageLink, Part, Text, ToolCall, ToolResult
from argo_proxy.upstreams.resource.body import (
    Block,
    Body,
    ImageUrl,
    ImageUrlBlock,
    TextBlock,
    WireMessage,
    WireTools,
)

_NO_TOOLS = WireTools()


def encode_body(
    messages: Sequence[WireMessage], request: ChatRequest, card: ModelCard, user: str, tools: WireTools = _NO_TOOLS
) -> bytes:
    """The JSON that ARGO takes, with the limit of the answer under the name that the model knows."""
    sampling = request.sampling
    body = Body(user, card.id, messages, sampling.temperature, sampling.top_p)
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
    first = parts[0] if len(parts) == 1 else None
    return first.text if type(first) is Text else [openai_block(part) for part in parts]


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
