"""The items of a conversation: what was said, called and found. They are asked with, answered, kept and listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from argo_proxy.canonical.chat import JsonObject
from argo_proxy.canonical.errors import Unsupported
from argo_proxy.dialects.openai_responses.body import WireInput
from argo_proxy.dialects.wire import convert

_HOSTED = frozenset(
    {
        "computer_call", "computer_call_output", "code_interpreter_call", "local_shell_call",
        "local_shell_call_output", "shell_call", "shell_call_output", "apply_patch_call", "apply_patch_call_output",
        "mcp_approval_request", "mcp_approval_response", "mcp_call", "program", "program_output",
        "configuration_update", "compaction_trigger",
    }
)  # fmt: skip
"""Items that only OpenAI's own service can make something of."""


class InputText(Struct, tag="input_text"):
    text: str


class OutputText(Struct, tag="output_text"):
    text: str
    annotations: list[JsonObject] | None = []
    logprobs: list[JsonObject] | None = []


class RefusalText(Struct, tag="refusal"):
    refusal: str


class InputImage(Struct, tag="input_image"):
    image_url: str | None = None
    file_id: str | None = None
    detail: Literal["auto", "low", "high", "original"] | None = "auto"


class InputFile(Struct, tag="input_file"):
    pass


class InputAudio(Struct, tag="input_audio"):
    pass


ContentPart: TypeAlias = InputText | OutputText | RefusalText | InputImage | InputFile | InputAudio
Content: TypeAlias = str | list[ContentPart]


class Message(Struct, tag="message", omit_defaults=True):
    role: Literal["user", "assistant", "system", "developer"]
    content: Content
    id: str | None = None
    status: str | None = None
    phase: str | None = None


class FunctionCall(Struct, tag="function_call", omit_defaults=True):
    call_id: str
    name: str
    arguments: str
    namespace: str | None = None
    id: str | None = None
    status: str | None = None


class FunctionOutput(Struct, tag="function_call_output", omit_defaults=True):
    call_id: str
    output: Content
    id: str | None = None
    status: str | None = None


class CustomCall(Struct, tag="custom_tool_call", omit_defaults=True):
    call_id: str
    name: str
    input: str
    namespace: str | None = None
    id: str | None = None
    status: str | None = None


class CustomOutput(Struct, tag="custom_tool_call_output", omit_defaults=True):
    call_id: str
    output: Content
    id: str | None = None
    status: str | None = None


class AdditionalTools(Struct, tag="additional_tools", omit_defaults=True):
    """Tools that are offered from here on, beside those of the request."""

    tools: list[JsonObject]
    role: str | None = None
    id: str | None = None


class ToolSearchCall(Struct, tag="tool_search_call", omit_defaults=True):
    """The model looks for tools that it has not been told of; the client does the search."""

    arguments: JsonObject
    call_id: str | None = None
    execution: Literal["client", "server"] | None = None
    id: str | None = None
    status: str | None = None


class ToolSearchOutput(Struct, tag="tool_search_output", omit_defaults=True):
    """The tools that were found, which are offered from here on."""

    tools: list[JsonObject]
    call_id: str | None = None
    execution: Literal["client", "server"] | None = None
    id: str | None = None
    status: str | None = None


class Reasoning(Struct, tag="reasoning"):
    summary: list[JsonObject] = []
    id: str | None = None
    encrypted_content: str | None = None


class Compaction(Struct, tag="compaction", omit_defaults=True):
    """The gist of what came before (compaction.py)."""

    encrypted_content: str
    id: str | None = None


class ItemReference(Struct, tag="item_reference"):
    """Stands for an item of a stored response."""

    id: str


class WebSearchCall(Struct, tag="web_search_call"):
    pass


class FileSearchCall(Struct, tag="file_search_call"):
    pass


class ImageGenerationCall(Struct, tag="image_generation_call"):
    pass


class McpListTools(Struct, tag="mcp_list_tools"):
    pass


Trace: TypeAlias = WebSearchCall | FileSearchCall | ImageGenerationCall | McpListTools
"""What hosted tools leave behind and no model on ARGO could go by: left out, and told."""

Item: TypeAlias = (
    Message
    | FunctionCall
    | FunctionOutput
    | CustomCall
    | CustomOutput
    | AdditionalTools
    | ToolSearchCall
    | ToolSearchOutput
    | Reasoning
    | Compaction
    | ItemReference
)


class _Given(Struct):
    input: list[Item | Trace]


_TRACES = ("web_search_call", "file_search_call", "image_generation_call", "mcp_list_tools")
_PREFIXES: dict[type[Item], str] = {
    Message: "msg",
    FunctionCall: "fc",
    FunctionOutput: "fco",
    CustomCall: "ctc",
    CustomOutput: "ctco",
    AdditionalTools: "at",
    ToolSearchCall: "tsc",
    ToolSearchOutput: "tso",
    Reasoning: "rs",
    Compaction: "cmp",
    ItemReference: "ref",
}


def read_items(given: WireInput) -> tuple[Item, ...]:
    """What was asked, item by item. Raises BadRequest, or Unsupported for items of tools that cannot work here."""
    if isinstance(given, str):
        return (Message("user", [InputText(given)], status="completed"),)
    for index, item in enumerate(given):
        kind = item.get("type")
        if isinstance(kind, str) and kind in _HOSTED:
            message = f"items of the type '{kind}' mean something to OpenAI's own service only"
            raise Unsupported(message, param=f"input[{index}].type")
    read = convert({"input": [_with_type(item) for item in given]}, _Given)
    return tuple(_spelled_out(item) for item in read.input if not isinstance(item, Trace))


def left_out(given: WireInput) -> tuple[str, ...]:
    """What to tell of the items that `read_items` leaves out."""
    if isinstance(given, str):
        return ()
    kinds = [item.get("type") for item in given]
    return tuple(f"{kind} dropped" for kind in _TRACES if kind in kinds)


def with_ids(items: Iterable[Item], reply_id: str) -> list[Item]:
    """The items as they are kept: each has an id, its own or one that leads to this reply."""
    return [
        item if item.id else replace(item, id=f"{_PREFIXES[type(item)]}_{reply_id}i{number}")
        for number, item in enumerate(items)
    ]


def output_id(prefix: str, reply_id: str, index: int) -> str:
    """The id of an item of the answer."""
    return f"{prefix}_{reply_id}o{index}"


def reply_of(item_id: str) -> str | None:
    """The reply that an item belongs to, by the id that it was given here."""
    tail = item_id.rpartition("_")[2]
    reply_id, mark, number = tail.rpartition("o") if "o" in tail else tail.rpartition("i")
    return reply_id if mark and number.isdecimal() else None


def more_tools(items: Iterable[Item]) -> Iterator[JsonObject]:
    """The tools that come up in the course of the conversation."""
    for item in items:
        if isinstance(item, AdditionalTools | ToolSearchOutput):
            yield from item.tools


def references(items: Sequence[Item]) -> Iterator[str]:
    """The ids of the items that are only referred to."""
    return (item.id for item in items if isinstance(item, ItemReference))


def _with_type(item: JsonObject) -> JsonObject:
    """A message may leave its type out, and so may a reference."""
    if item.get("type") is not None:
        return item
    kind = "item_reference" if "id" in item and "role" not in item else "message"
    return {**item, "type": kind}


def _spelled_out(item: Item) -> Item:
    """The item in its full form: text as a part, and a status."""
    match item:
        case Message(role=role, content=str(text)):
            part = OutputText(text) if role == "assistant" else InputText(text)
            return replace(item, content=[part], status=item.status or "completed")
        case Reasoning() | Compaction() | ItemReference() | AdditionalTools():
            return item
        case _:
            return item if item.status else replace(item, status="completed")
