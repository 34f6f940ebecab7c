"""Messages for OpenAI's models on the resource API: text as one string, parts where there are images."""

from __future__ import annotations

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Message, Text
from argo_proxy.upstreams.resource.body import WireMessage, encode_body, openai_block
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
            return WireMessage(message.role, [openai_block(part) for part in parts], message.name)
