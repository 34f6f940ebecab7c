"""Messages for Google's models on the resource API: system content is one string, images as OpenAI writes them."""

from __future__ import annotations

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Message, Text
from argo_proxy.upstreams.resource.body import WireMessage, encode_body, openai_block
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
            return WireMessage(role, [openai_block(part) for part in parts])
