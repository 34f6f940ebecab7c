"""What an upstream makes of a conversation."""

import json
from typing import Any

from argo_proxy.canonical.chat import (
    ChatRequest,
    Image,
    ImageLink,
    Message,
    Part,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from argo_proxy.canonical.spokes import Upstream
from tests.known import card

FREE = ToolChoice()
PICTURE = Image("image/png", "AAAA", "low")
LINK = ImageLink("https://x.example/y.png")


def said(role: str, *parts: str | Part, name: str | None = None) -> Message:
    return Message(role, tuple(Text(part) if isinstance(part, str) else part for part in parts), name)


def result(call_id: str, *parts: str | Image) -> ToolResult:
    return ToolResult(call_id, tuple(Text(part) if isinstance(part, str) else part for part in parts))


def sent(upstream: Upstream, model: str, *messages: Message) -> list[dict[str, Any]]:
    return json.loads(upstream.encode(ChatRequest(model, messages), card(model), "me"))["messages"]


def offered(upstream: Upstream, model: str, *tools: Tool, choice: ToolChoice = FREE) -> dict[str, Any]:
    """What a request says about tools."""
    request = ChatRequest(model, (said("user", "hi"),), tools=tools, tool_choice=choice)
    body = json.loads(upstream.encode(request, card(model), "me"))
    return {key: value for key, value in body.items() if key.startswith("tool")}


SUN, RAIN = ToolCall("c1", "sun", '{"at": "Oslo"}'), ToolCall("c2", "rain", '{"at": "Bergen"}')
WIND = ToolCall("c3", "wind", "{}")
ROUNDS = (
    said("user", "weather?"),
    said("assistant", "Let me see.", SUN, RAIN),
    said("tool", result("c1", "yes"), result("c2", "no")),
    said("assistant", WIND),
    said("tool", result("c3")),
    said("assistant", "Sunny."),
)
"""A conversation of several rounds, as it comes from the transforms: two calls at once, then one without output."""
