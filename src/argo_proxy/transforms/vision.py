"""Keeps images from models that see none: to leave them out would change what is asked."""

from __future__ import annotations

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Image, ImageLink, Part, Text, ToolCall, ToolResult
from argo_proxy.canonical.errors import Unsupported
from argo_proxy.canonical.spokes import Transformed


def transform(request: ChatRequest, card: ModelCard) -> Transformed:
    """The request as it is. Raises Unsupported for an image to a model that sees none."""
    if not card.images:
        _refuse_images(request)
    return Transformed(request)


def _refuse_images(request: ChatRequest) -> None:
    for index, message in enumerate(request.messages):
        for number, part in enumerate(message.parts):
            if _shows_something(part):
                raise Unsupported(
                    f"model '{request.model}' takes no images; choose a model that does, such as argo:gpt-4o",
                    param=f"messages[{index}].content[{number}]",
                )


def _shows_something(part: Part) -> bool:
    match part:
        case Image() | ImageLink():
            return True
        case ToolResult(content=content):
            return any(map(_shows_something, content))
        case Text() | ToolCall():
            return False
