"""The tools of a request, flattened to functions on the way in and named as the client knows them on the way out.

A model knows functions only. What else clients offer becomes one: a tool of a namespace under a joined name, a custom
tool with its free text as the argument `input`, a search for tools with what it looks for as its arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from argo_proxy.canonical.chat import JsonObject, Tool, ToolChoice
from argo_proxy.canonical.errors import BadRequest, Unsupported
from argo_proxy.dialects.wire import convert

_Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=256)]
KIND = r"[A-Za-z0-9_.-]{1,64}"  # it goes into a header
_KIND = re.compile(KIND)
MODES = ("auto", "none", "required")
TOOL_SEARCH = "tool_search"


class FunctionTool(Struct, tag="function"):
    name: _Name
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool | None = None


class FreeText(Struct, tag="text"):
    pass


class Grammar(Struct, tag="grammar"):
    syntax: str
    definition: str


class CustomTool(Struct, tag="custom"):
    name: _Name
    description: str | None = None
    format: FreeText | Grammar | None = None


class Namespace(Struct, tag="namespace"):
    name: _Name
    tools: list[FunctionTool | CustomTool]
    description: str | None = None


class ToolSearch(Struct, tag="tool_search"):
    description: str | None = None
    parameters: JsonObject | None = None
    execution: Literal["client"] = "client"


WireTool: TypeAlias = FunctionTool | CustomTool | Namespace | ToolSearch
_KINDS = ("function", "custom", "namespace", "tool_search")


class NamedFunction(Struct, tag="function"):
    name: _Name
    namespace: str | None = None


class NamedCustom(Struct, tag="custom"):
    name: _Name
    namespace: str | None = None


class Allowed(Struct, tag="allowed_tools"):
    mode: Literal["auto", "required"]
    tools: list[NamedFunction | NamedCustom]


class _Given(Struct):
    tools: list[WireTool]


class _Chosen(Struct):
    tool_choice: NamedFunction | NamedCustom | Allowed


class _Input(Struct):
    input: str


class Origin(Struct, frozen=True):
    """How the client knows a tool."""

    kind: Literal["function", "custom", "tool_search"]
    name: str
    namespace: str | None = None


class Toolbox(Struct, frozen=True):
    """The tools as a model gets them, each with its origin by its flat name."""

    tools: tuple[Tool, ...] = ()
    origins: Mapping[str, Origin] = {}

    def origin(self, name: str) -> Origin:
        """How the client knows what the model calls by this name, or by the inner name of one tool alone."""
        if name in self.origins:
            return self.origins[name]
        called_so = [origin for origin in self.origins.values() if origin.name == name]
        return called_so[0] if len(called_so) == 1 else Origin("function", name)


def flat_name(namespace: str | None, name: str) -> str:
    """The name under which a model knows a tool."""
    return f"{namespace}__{name}" if namespace else name


def check_kinds(given: Sequence[JsonObject], choice: object) -> None:
    """Raises Unsupported for tools that only OpenAI can run, BadRequest for those that have no proper type.

    They may be left out where the client can do without them: it leaves the choice to the model in so many words, and
    offers others.
    """
    optional = choice in ("auto", "none") and any(map(_can_work, given))
    for index, tool in enumerate(given):
        kind = tool.get("type")
        if not isinstance(kind, str) or not _KIND.fullmatch(kind):
            raise BadRequest("a tool has a type, such as 'function'", param=f"tools[{index}].type")
        if not _can_work(tool) and not optional:
            message = f"the tool '{kind}' runs at OpenAI and does not exist on ARGO; take it out of 'tools'"
            raise Unsupported(message, param=f"tools[{index}].type")


def hosted(given: Iterable[JsonObject]) -> Iterator[str]:
    """What to tell of the tools that are left out."""
    return (f"tool {tool.get('type')} dropped" for tool in given if not _can_work(tool))


def read_tools(given: Iterable[JsonObject], found: Iterable[JsonObject] = ()) -> Toolbox:
    """Every tool once, of those `found` in the course of the conversation the newest of a name.

    Raises BadRequest for two different ones of the same name that are given.
    """
    tools: dict[str, Tool] = {}
    origins: dict[str, Origin] = {}
    for index, tool, origin in _read(given):
        if (tools.setdefault(tool.name, tool), origins.setdefault(tool.name, origin)) != (tool, origin):
            message = f"two different tools have the name '{tool.name[:100]}'; names must be unique"
            raise BadRequest(message, param=f"tools[{index}]")
    for _, tool, origin in _read(found):
        tools[tool.name], origins[tool.name] = tool, origin
    return Toolbox(tuple(tools.values()), origins)


def read_choice(given: str | JsonObject | None, toolbox: Toolbox) -> ToolChoice:
    """Raises BadRequest for a choice that cannot be made with these tools."""
    choice = _choice(given)
    unknown = [name for name in choice.names if name not in toolbox.origins]
    if unknown:
        raise BadRequest(f"'tool_choice' names '{unknown[0][:100]}', which is not among the tools", param="tool_choice")
    if choice.mode == "required" and not toolbox.tools:
        raise BadRequest("'tool_choice' asks for a call, but there are no tools", param="tool_choice")
    return choice


def free_text_of(arguments: str) -> str:
    """The input of a custom tool, from the arguments that the model wrote; these themselves where they are none."""
    try:
        return msgspec.json.decode(arguments, type=_Input).input
    except (msgspec.DecodeError, RecursionError):
        return arguments


def told_tools(given: Iterable[JsonObject]) -> list[JsonObject]:
    """The tools that can work, as the answer repeats them: of a function, all that the published schema has."""
    filled: JsonObject = {"description": None, "parameters": None, "strict": False}
    working = (tool for tool in given if _can_work(tool))
    return [{**filled, **tool} if tool.get("type") == "function" else tool for tool in working]


def _can_work(tool: JsonObject) -> bool:
    kind = tool.get("type")
    return kind in _KINDS and (kind != TOOL_SEARCH or tool.get("execution", "server") == "client")


def _read(given: Iterable[JsonObject]) -> Iterator[tuple[int, Tool, Origin]]:
    working = [tool for tool in given if _can_work(tool)]
    for index, wire in enumerate(convert({"tools": working}, _Given).tools):
        for tool, origin in _flattened(wire):
            yield index, tool, origin


def _flattened(wire: WireTool) -> Iterator[tuple[Tool, Origin]]:
    match wire:
        case FunctionTool() | CustomTool():
            yield _flat(wire, None, None)
        case Namespace(namespace, inner, description):
            yield from (_flat(tool, namespace, description) for tool in inner)
        case ToolSearch(description, parameters):
            yield Tool(TOOL_SEARCH, description or None, parameters), Origin("tool_search", TOOL_SEARCH)


def _flat(wire: FunctionTool | CustomTool, namespace: str | None, about: str | None) -> tuple[Tool, Origin]:
    """A tool that is not described is described as its namespace is."""
    name, described = flat_name(namespace, wire.name), wire.description or about or None
    match wire:
        case FunctionTool(own, _, parameters, strict):
            return Tool(name, described, parameters, bool(strict)), Origin("function", own, namespace)
        case CustomTool(own, _, form):
            return Tool(name, described, _free_text(form)), Origin("custom", own, namespace)


def _free_text(form: FreeText | Grammar | None) -> JsonObject:
    about = "The input of the tool, as it is, in no further encoding."
    if isinstance(form, Grammar):
        about += f" It has to follow this grammar ({form.syntax}):\n{form.definition}"
    return {
        "type": "object",
        "properties": {"input": {"type": "string", "description": about}},
        "required": ["input"],
        "additionalProperties": False,
    }


def _choice(given: str | JsonObject | None) -> ToolChoice:
    if given is None:
        return ToolChoice()
    if isinstance(given, str):
        return _mode(given)
    kind = given.get("type")
    if kind not in ("function", "custom", "allowed_tools"):
        raise Unsupported(
            f"'tool_choice' asks for '{str(kind)[:50]}', which does not exist on ARGO", param="tool_choice"
        )
    match convert({"tool_choice": given}, _Chosen).tool_choice:
        case Allowed(mode, tools):
            return ToolChoice(mode, tuple(flat_name(tool.namespace, tool.name) for tool in tools))
        case NamedFunction(name, namespace) | NamedCustom(name, namespace):
            return ToolChoice("required", (flat_name(namespace, name),))


def _mode(given: str) -> ToolChoice:
    match given:
        case "auto" | "none" | "required":
            return ToolChoice(given)
        case _:
            raise BadRequest(f"'tool_choice' is one of {', '.join(MODES)}, not '{given[:50]}'", param="tool_choice")
