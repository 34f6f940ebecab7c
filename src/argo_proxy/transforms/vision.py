"""Keeps images from models that see none: to leave them out would change what is asked."""

from __future__ import annotations

from collections.abc import Sequence

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Image, ImageLink, Message, Part, ToolResult
from argo_proxy.canonical.errors import Unsupported
from argo_proxy.canonical.spokes import Transformed


def transform(request: ChatRequest, card: ModelCard) -> Transformed:
    """The request as it is. Raises Unsupported for an image to a model that sees none."""
    if not card.images:
        _refuse_images(request)
    return Transformed(request)


def _refuse_images(request: ChatRequest) -> None:
    for index, message in enumerate(request.messages):
        for number, part in enumerate(_content(message)):
            if isinstance(part, Image | ImageLink):
                raise Unsupported(
                    f"model '{request.model}' takes no images; choose a model that does, such as argo:gpt-4o",
                    param=f"messages[{index}].content[{number}]",
                )


def _content(message: Message) -> Sequence[Part]:
    """What the client has written as the content of the message: that of a result is its own."""
    match message.parts:
        case (ToolResult(_, content),):
            return content
        case parts:
            return parts
