"""The items of an answer: what the model says, and its calls in the form in which the client knows the tools."""

from __future__ import annotations

from typing import TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from argo_proxy.canonical.chat import JsonObject, Text, ToolCall
from argo_proxy.dialects.openai_responses.items import OutputText, output_id
from argo_proxy.dialects.openai_responses.tools import Origin, Toolbox, free_text_of


class OutputMessage(Struct, tag="message"):
    id: str
    status: str
    content: list[OutputText]
    role: str = "assistant"


class OutputCall(Struct, tag="function_call"):
    id: str
    status: str
    arguments: str
    call_id: str
    name: str
    namespace: str | UnsetType = UNSET


class OutputCustomCall(Struct, tag="custom_tool_call"):
    id: str
    status: str
    call_id: str
    input: str
    name: str
    namespace: str | UnsetType = UNSET


class OutputSearch(Struct, tag="tool_search_call"):
    id: str
    status: str
    call_id: str
    arguments: JsonObject
    execution: str = "client"


OutputItem: TypeAlias = OutputMessage | OutputCall | OutputCustomCall | OutputSearch

_PREFIXES = {"function": "fc", "custom": "ctc", "tool_search": "tsc"}


class Outlet(Struct, frozen=True):
    """Makes the items of one reply."""

    reply_id: str
    toolbox: Toolbox

    def item(self, part: Text | ToolCall, index: int, status: str) -> OutputItem:
        """The part that is the `index`-th of the answer."""
        match part:
            case Text(text):
                return OutputMessage(output_id("msg", self.reply_id, index), status, [OutputText(text)])
            case ToolCall(call_id, name, arguments):
                origin = self.toolbox.origin(name)
                item_id = output_id(_PREFIXES[origin.kind], self.reply_id, index)
                return _call(origin, item_id, status, call_id, arguments)

    def begun(self, part: Text | ToolCall, index: int) -> OutputItem:
        """The same item when nothing is in it yet."""
        item = self.item(part, index, "in_progress")
        return msgspec.structs.replace(item, content=[]) if isinstance(item, OutputMessage) else item


def _call(origin: Origin, item_id: str, status: str, call_id: str, arguments: str) -> OutputItem:
    namespace = origin.namespace or UNSET
    match origin.kind:
        case "function":
            return OutputCall(item_id, status, arguments, call_id, origin.name, namespace)
        case "custom":
            return OutputCustomCall(item_id, status, call_id, free_text_of(arguments), origin.name, namespace)
        case "tool_search":
            return OutputSearch(item_id, status, call_id, _object(arguments))


def _object(arguments: str) -> JsonObject:
    """The arguments as an object; an empty one where the model wrote none."""
    try:
        return msgspec.json.decode(arguments, type=JsonObject)
    except (msgspec.DecodeError, RecursionError):
        return {}
