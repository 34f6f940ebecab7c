"""Messages for Google's models on the resource API: system content is one string, images as OpenAI writes them."""

from __future__ import annotations

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Image, ImageLink, Message, Part, Text
from argo_proxy.upstreams.resource.body import Block, TextBlock, WireMessage, encode_body, image_url_block
from argo_proxy.upstreams.resource.reply import decode_stream as decode_stream
from argo_proxy.upstreams.resource.reply import decode_whole as decode_whole
from argo_proxy.upstreams.resource.turns import spoken


def encode(request: ChatRequest, card: ModelCard, user: str) -> bytes:
    """The body of the call."""
    messages = [_message(message) for message in spoken(request.messages)]
    return encode_body(messages, request.sampling, card, user)


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
        case Image():
            return image_url_block(part)
        case ImageLink():
            raise AssertionError("links are fetched before a request is encoded")
