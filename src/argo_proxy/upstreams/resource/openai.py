"""Messages for OpenAI's models on the resource API: text as one string, parts where there are images."""

from __future__ import annotations

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Image, ImageLink, Message, Part, Text
from argo_proxy.upstreams.resource.body import Block, TextBlock, WireMessage, encode_body, image_url_block
from argo_proxy.upstreams.resource.reply import decode_stream as decode_stream
from argo_proxy.upstreams.resource.reply import decode_whole as decode_whole


def encode(request: ChatRequest, card: ModelCard, user: str) -> bytes:
    """The body of the call."""
    return encode_body([_message(message) for message in request.messages], request.sampling, card, user)


def _message(message: Message) -> WireMessage:
    match message.parts:
        case (Text(text),):
            return WireMessage(message.role, text, message.name)
        case parts:
            return WireMessage(message.role, [_block(part) for part in parts], message.name)


def _block(part: Part) -> Block:
    match part:
        case Text(text):
            return TextBlock(text)
        case Image():
            return image_url_block(part)
        case ImageLink():
            raise AssertionError("links are fetched before a request is encoded")
