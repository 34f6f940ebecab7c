"""Messages and tools for OpenAI's models on the resource API: text as one string, parts where there are images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Message, Text, ToolResult
from argo_proxy.upstreams.resource.body import WireMessage, WireTools
from argo_proxy.upstreams.resource.encoding import encode_body, openai_content, pictures
from argo_proxy.upstreams.resource.openai_tools import write_calls, write_tools
from argo_proxy.upstreams.resource.reply import decode_stream as decode_stream
from argo_proxy.upstreams.resource.reply import decode_whole as decode_whole
from argo_proxy.upstreams.resource.turns import begun


def encode(request: ChatRequest, card: ModelCard, user: str) -> bytes:
    """The body of the call."""
    messages: list[WireMessage] = []
    for message in begun(request.messages):
        messages += _messages(message)
    tools = write_tools(request) if request.tools else WireTools()
    return encode_body(messages, request, card, user, tools)


def _messages(message: Message) -> Iterable[WireMessage]:
    if message.role == "tool":
        return _results([part for part in message.parts if isinstance(part, ToolResult)])
    calls = message.calls
    if not calls:
        return (WireMessage(message.role, openai_content(message.parts), message.name),)
    said = [part for part in message.parts if isinstance(part, Text) and part.text]
    return (WireMessage(message.role, openai_content(said) if said else None, message.name, write_calls(calls)),)


def _results(results: Sequence[ToolResult]) -> Iterator[WireMessage]:
    for result in results:
        yield WireMessage("tool", result.text, tool_call_id=result.call_id)
    if (shown := pictures(results)) is not None:
        yield shown
