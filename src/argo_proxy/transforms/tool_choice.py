"""Brings every way of limiting the tools to two that all providers know: fewer tools, or one that must be called."""

from __future__ import annotations

from msgspec.structs import replace

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, ToolChoice
from argo_proxy.canonical.spokes import Transformed


def transform(request: ChatRequest, _: ModelCard) -> Transformed:
    """Afterwards `names` is empty, or the one tool that must be called."""
    mode, names = request.tool_choice.mode, request.tool_choice.names
    if not names or (mode == "required" and len(names) == 1):
        return Transformed(request)
    tools = tuple(tool for tool in request.tools if tool.name in names)
    return Transformed(replace(request, tools=tools, tool_choice=ToolChoice(mode)))
