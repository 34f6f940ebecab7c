"""The tools of a request, in the present form and in the deprecated one of `functions`, in canonical form."""

from __future__ import annotations

from collections.abc import Sequence

from argo_proxy.canonical.chat import Tool, ToolChoice
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.openai_chat.body import AllowedChoice, Body, Function, Named, NamedChoice


def read_tools(wire: Body) -> tuple[Tool, ...]:
    """Every tool once. Raises BadRequest for two different ones of the same name."""
    if wire.tools and wire.functions:
        raise BadRequest("'functions' is the older form of 'tools': give one of them, not both", param="functions")
    param, functions = "tools", [tool.function for tool in wire.tools or ()]
    if wire.functions:
        param, functions = "functions", wire.functions
    tools: dict[str, Tool] = {}
    for index, function in enumerate(functions):
        tool = _tool(function)
        if tools.setdefault(tool.name, tool) != tool:
            message = f"two different tools have the name '{tool.name[:100]}'; names must be unique"
            raise BadRequest(message, param=f"{param}[{index}]")
    return tuple(tools.values())


def read_choice(wire: Body, tools: Sequence[Tool]) -> ToolChoice:
    """Raises BadRequest for a choice that cannot be made with these tools."""
    param, choice = "tool_choice", _choice(wire)
    if wire.function_call is not None and wire.tool_choice is None:
        param, choice = "function_call", _function_choice(wire.function_call)
    known = {tool.name for tool in tools}
    unknown = [name for name in choice.names if name not in known]
    if unknown:
        raise BadRequest(f"'{param}' names '{unknown[0][:100]}', which is not among the tools", param=param)
    if choice.mode == "required" and not tools:
        raise BadRequest(f"'{param}' asks for a call, but there are no tools", param=param)
    return choice


def _tool(function: Function) -> Tool:
    return Tool(function.name, function.description or None, function.parameters, bool(function.strict))


def _choice(wire: Body) -> ToolChoice:
    match wire.tool_choice:
        case None:
            return ToolChoice()
        case NamedChoice(function):
            return ToolChoice("required", (function.name,))
        case AllowedChoice(allowed):
            return ToolChoice(allowed.mode, tuple(tool.function.name for tool in allowed.tools))
        case mode:
            return ToolChoice(mode)


def _function_choice(choice: str | Named) -> ToolChoice:
    if isinstance(choice, Named):
        return ToolChoice("required", (choice.name,))
    return ToolChoice("none" if choice == "none" else "auto")
