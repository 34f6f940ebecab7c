"""JSON Schemas of tools, in the forms that providers take; what of their meaning these cannot say goes into words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeGuard

import msgspec
from msgspec.structs import replace

from argo_proxy.canonical.chat import JsonObject, Tool
from argo_proxy.canonical.errors import BadRequest

_COMBINATIONS = ("allOf", "anyOf", "oneOf")
_NOT_AT_THE_TOP = (*_COMBINATIONS, "not", "enum", "const", "if", "then", "else")


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Whether it is a JSON object; its keys are strings, since it was decoded from JSON."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether it is a JSON array."""
    return isinstance(value, list)


def is_strings(value: object) -> TypeGuard[list[str]]:
    """Whether it is a JSON array of strings."""
    return is_list(value) and all(isinstance(member, str) for member in value)


def object_tool(tool: Tool) -> Tool:
    """The tool with the plain object schema that OpenAI and Anthropic want at the top: no alternatives, no reference.

    What that leaves out goes into the description. Raises BadRequest for arguments that are no object.
    """
    schema = tool.parameters
    if not schema:
        return replace(tool, parameters=None)
    whole = resolved(schema, schema)
    kind = whole.get("type", "object")
    if kind != "object" and not (is_list(kind) and "object" in kind):
        raise BadRequest(f"tool '{tool.name}': its parameters must be a JSON Schema of type object", param="tools")
    merged = merged_object(whole, schema)
    left_out = {key: whole[key] for key in _NOT_AT_THE_TOP if key in whole}
    plain = {key: value for key, value in merged.items() if key not in _NOT_AT_THE_TOP}
    no_properties: JsonObject = {"properties": {}}
    plain = {**no_properties, **plain, "type": "object"}
    return replace(tool, parameters=plain, description=with_note(tool.description, left_out))


def merged_object(schema: JsonObject, root: JsonObject) -> JsonObject:
    """One object with the properties of all alternatives; it requires what every one of them requires.

    Each reference is followed once, which ends circles and keeps the work in proportion to the schema.
    """
    return _merged(schema, root, set())


def resolved(schema: JsonObject, root: JsonObject) -> JsonObject:
    """The schema that a local `$ref` at its top leads to, with what stands beside the reference."""
    for _ in range(16):  # a chain of references, not a circle
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**_referred(reference, root), **beside}
    return {key: value for key, value in schema.items() if key != "$ref"}


def with_note(description: str | None, left_out: JsonObject) -> str | None:
    """The description, and what the schema cannot say as JSON Schema that the model can read."""
    note = f"(JSON Schema: {msgspec.json.encode(left_out).decode()})" if left_out else ""
    return " ".join(text for text in (description, note) if text) or None


def _merged(schema: JsonObject, root: JsonObject, followed: set[str]) -> JsonObject:
    properties = dict(_properties(schema))
    required = list(_required(schema))
    for keyword in _COMBINATIONS:
        members = [_merged(member, root, followed) for member in _members(schema, keyword, root, followed)]
        for member in members:
            properties = {**_properties(member), **properties}
        required += _together([_required(member) for member in members], every=keyword != "allOf")
    merged = dict(schema)
    if properties:
        merged["properties"] = properties
    if required:
        merged["required"] = list(dict.fromkeys(required))
    return merged


def _members(schema: JsonObject, keyword: str, root: JsonObject, followed: set[str]) -> Iterator[JsonObject]:
    members = schema.get(keyword)
    for member in members if is_list(members) else ():
        reference = member.get("$ref") if is_object(member) else None
        if is_object(member) and reference not in followed:
            if isinstance(reference, str):
                followed.add(reference)
            yield resolved(member, root)


def _referred(reference: str, root: JsonObject) -> JsonObject:
    """What `#/$defs/Name` names; an empty schema when there is nothing."""
    found: object = root
    for step in reference.removeprefix("#").split("/")[1:]:
        found = found.get(step.replace("~1", "/").replace("~0", "~")) if is_object(found) else None
    return found if is_object(found) and reference.startswith("#") else {}


def _properties(schema: JsonObject) -> JsonObject:
    properties = schema.get("properties")
    return properties if is_object(properties) else {}


def _required(schema: JsonObject) -> Sequence[str]:
    required = schema.get("required")
    return required if is_strings(required) else ()


def _together(names: Sequence[Sequence[str]], *, every: bool) -> list[str]:
    """The names that are in every list, or in any."""
    seen = [name for each in names for name in dict.fromkeys(each)]
    return [name for name in dict.fromkeys(seen) if not every or seen.count(name) == len(names)]
