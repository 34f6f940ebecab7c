"""What an upstream makes of a conversation."""

import json

from argo_proxy.canonical.chat import ChatRequest, Image, ImageLink, Message, Text
from argo_proxy.canonical.spokes import Upstream
from tests.known import card

PICTURE = Image("image/png", "AAAA", "low")
LINK = ImageLink("https://x.example/y.png")


def said(role: str, *parts: str | Image | ImageLink, name: str | None = None) -> Message:
    return Message(role, tuple(Text(part) if isinstance(part, str) else part for part in parts), name)


def sent(upstream: Upstream, model: str, *messages: Message) -> list[dict[str, object]]:
    return json.loads(upstream.encode(ChatRequest(model, messages), card(model), "me"))["messages"]
