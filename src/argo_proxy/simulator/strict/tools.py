"""Tools as far as the families agree: names, the schema of an object, ids of calls."""

import re

from argo_proxy.simulator.shapes import JsonObject, is_object, objects_in
from argo_proxy.simulator.strict.ask import Turn
from argo_proxy.simulator.strict.parts import check_keys
from argo_proxy.simulator.strict.refusals import Fault, Refused


def check_function(function: JsonObject, schema_key: str, name: re.Pattern[str], fault: Fault) -> None:
    """`{"name", "description", SCHEMA_KEY}`; the schema is left to its family."""
    check_keys(function, {"name", "description", schema_key}, fault)
    if not isinstance(function.get("name"), str) or not name.fullmatch(str(function["name"])):
        raise fault(f"tool name {function.get('name')!r} does not match {name.pattern!r}")
    if not isinstance(function.get("description", ""), str):
        raise fault("a tool's description must be a string")


def check_object_schema(schema: object, key: str, fault: Fault) -> JsonObject:
    if not is_object(schema) or schema.get("type") != "object":
        raise fault(f"{key} must be a JSON schema of type 'object'")
    return schema


def check_unique(names: tuple[str, ...], fault: Fault) -> None:
    if len(set(names)) < len(names):
        raise fault("tools: Tool names must be unique.")


def check_chosen(chosen: object, names: tuple[str, ...], fault: Fault) -> None:
    if chosen not in names:
        raise fault(f"tool_choice names {chosen!r}, which is not in tools")


def check_id(call_id: object, fault: Fault) -> str:
    if not isinstance(call_id, str) or not call_id:
        raise fault("a tool call's id must be a non-empty string")
    return call_id


def past_calls(turn: Turn, fault: Fault) -> tuple[JsonObject, ...]:
    """The `tool_calls` of a message; an empty list is refused."""
    if "tool_calls" not in turn.message:
        return ()
    calls = objects_in(turn.message["tool_calls"])
    if not calls:
        raise fault(f"messages.{turn.index}.tool_calls: expected a non-empty list of objects")
    return calls


def not_this_shape(what: str, value: object, fault: Fault) -> Refused:
    return fault(f"Invalid value for {what}: {value!r}")
