"""Messages for Anthropic's models on the resource API: no blank text, no names, images as Anthropic's blocks."""

from __future__ import annotations

from collections.abc import Sequence

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Image, ImageLink, Message, Part, Text
from argo_proxy.upstreams.resource.body import (
    Base64Source,
    Block,
    ImageBlock,
    TextBlock,
    WireMessage,
    encode_body,
)
from argo_proxy.upstreams.resource.reply import decode_stream as decode_stream
from argo_proxy.upstreams.resource.reply import decode_whole as decode_whole
from argo_proxy.upstreams.resource.turns import spoken


def encode(request: ChatRequest, card: ModelCard, user: str) -> bytes:
    """The body of the call."""
    messages = [_message(message) for message in spoken(request.messages)]
    return encode_body(_trimmed(messages), request.sampling, card, user)


def _message(message: Message) -> WireMessage:
    match message.role, message.parts:
        case "system", _:
            return WireMessage("system", message.text)
        case role, (Text(text),):
            return WireMessage(role, text)
        case role, parts:
            return WireMessage(role, [_block(part) for part in parts])


def _block(part: Part) -> Block:
    match part:
        case Text(text):
            return TextBlock(text)
        case Image(media_type, data):
            return ImageBlock(Base64Source(media_type, data))
        case ImageLink():
            raise AssertionError("links are fetched before a request is encoded")


def _trimmed(messages: Sequence[WireMessage]) -> Sequence[WireMessage]:
    """Anthropic refuses white space at the end of a last turn that the assistant is to go on from."""
    last = messages[-1]
    if last.role != "assistant":
        return messages
    match last.content:
        case str(text):
            trimmed = WireMessage(last.role, text.rstrip())
        case [*blocks, TextBlock(text)]:
            trimmed = WireMessage(last.role, [*blocks, TextBlock(text.rstrip())])
        case _:
            trimmed = last
    return (*messages[:-1], trimmed)
