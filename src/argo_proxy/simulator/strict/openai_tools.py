"""What OpenAI's models refuse of tools: how many there are, their schemas, and the choice among them."""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import UNSET

from argo_proxy.simulator.shapes import JsonObject, is_list, is_object
from argo_proxy.simulator.strict.ask import Ask
from argo_proxy.simulator.strict.parts import check_keys
from argo_proxy.simulator.strict.refusals import Fault, Refused, openai_fault, plain_fault
from argo_proxy.simulator.strict.schema import Place, walk
from argo_proxy.simulator.strict.tools import (
    check_chosen,
    check_function,
    check_object_schema,
    check_unique,
    not_this_shape,
)

TOOL_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
MOST_TOOLS: Final = 128
NOT_AT_THE_TOP: Final = frozenset({"oneOf", "anyOf", "allOf", "enum", "not"})


def check_tools(ask: Ask) -> None:
    tools = ask.body.offered_tools
    if ask.model.preview and tools:
        raise plain_fault("tools is not supported in this model. For a list of supported models, see the gateway.")
    if len(tools) > MOST_TOOLS:
        lengths = f"maximum length {MOST_TOOLS}, but got an array with length {len(tools)} instead"
        too_long = f"Invalid 'tools': array too long. Expected an array with {lengths}."
        raise openai_fault(too_long, "tools", "array_above_max_length")
    for index, tool in enumerate(tools):
        _check_tool(tool, index)
    check_unique(tool_names(tools), openai_fault)


def check_tool_choice(ask: Ask) -> None:
    choice = ask.body.tool_choice
    if choice is UNSET or choice in ("auto", "none", "required"):
        return
    named = choice.get("function") if is_object(choice) and choice.get("type") == "function" else None
    if not is_object(choice) or not is_object(named) or choice.keys() != {"type", "function"}:
        raise not_this_shape("tool_choice", choice, openai_fault)
    check_chosen(named.get("name"), tool_names(ask.body.offered_tools), openai_fault)


def tool_names(tools: Sequence[JsonObject]) -> tuple[str, ...]:
    functions = (tool.get("function") for tool in tools)
    return tuple(str(function.get("name")) for function in functions if is_object(function))


def _check_tool(tool: JsonObject, index: int) -> None:
    check_keys(tool, {"type", "function"}, openai_fault)
    function = tool.get("function")
    if tool.get("type") != "function" or not is_object(function):
        raise not_this_shape("tools", tool, openai_fault)
    strict = function.get("strict", False)
    if not isinstance(strict, bool):
        raise not_this_shape("tools.function.strict", strict, openai_fault)
    bare = {key: value for key, value in function.items() if key != "strict"}
    check_function(bare, "parameters", TOOL_NAME, openai_fault)
    if "parameters" in function:
        _check_parameters(function["parameters"], _schema_fault(function["name"], index), strict=strict)


def _schema_fault(name: object, index: int) -> Fault:
    def fault(message: str) -> Refused:
        where = f"tools[{index}].function.parameters"
        return openai_fault(f"Invalid schema for function '{name}': {message}", where, "invalid_function_parameters")

    return fault


def _check_parameters(parameters: object, fault: Fault, *, strict: bool) -> None:
    schema = check_object_schema(parameters, "parameters", fault)
    if NOT_AT_THE_TOP & schema.keys():
        keywords = "'oneOf'/'anyOf'/'allOf'/'enum'/'not'"
        raise fault(f"schema must have type 'object' and not have {keywords} at the top level.")
    if not is_object(schema.get("properties")):
        raise fault("In context=(), object schema missing properties.")
    for place, below in walk(schema) if strict else ():
        if is_object(below) and _describes_object(below):
            _check_closed(below, place, fault)


def _describes_object(schema: JsonObject) -> bool:
    kind = schema.get("type")
    return "properties" in schema or kind == "object" or (is_list(kind) and "object" in kind)


def _check_closed(schema: JsonObject, place: Place, fault: Fault) -> None:
    """Under `strict` an object takes no other properties, and needs all of its own."""
    if schema.get("additionalProperties") is not False:
        raise fault(f"In context={place}, 'additionalProperties' is required to be supplied and to be false.")
    properties, required = schema.get("properties"), schema.get("required")
    for name in properties if is_object(properties) else ():
        if not is_list(required) or name not in required:
            every = "is required to be supplied and to be an array including every key in properties"
            raise fault(f"In context={place}, 'required' {every}. Missing '{name}'.")
