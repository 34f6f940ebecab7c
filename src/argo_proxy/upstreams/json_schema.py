"""JSON Schemas of tools, in the forms that providers take; what of their meaning these cannot say goes into words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeGuard
from urllib.parse import unquote

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
    plain, left_out = object_schema(tool)
    return replace(tool, parameters=plain, description=with_note(tool.description, left_out))


def object_schema(tool: Tool) -> tuple[JsonObject | None, JsonObject]:
    """The plain object schema of a tool, if it takes arguments, and what that leaves out. Raises BadRequest."""
    schema = tool.parameters
    if not schema:
        return None, {}
    try:
        whole = resolved(schema, schema)
        merged = merged_object(whole, schema)
    except RecursionError as error:
        raise too_deep(tool) from error
    kind = whole.get("type", "object")
    if kind != "object" and not (is_list(kind) and "object" in kind):
        raise BadRequest(f"tool '{tool.name}': its parameters must be a JSON Schema of type object", param="tools")
    plain: JsonObject = {**merged, "type": "object", "properties": _properties(merged)}
    if not is_strings(plain.get("required", [])):  # `null` and the like, as Go writes a list of nothing
        del plain["required"]
    left_out = {key: whole[key] for key in _NOT_AT_THE_TOP if key in whole}
    return {key: value for key, value in plain.items() if key not in _NOT_AT_THE_TOP}, left_out


def merged_object(schema: JsonObject, root: JsonObject) -> JsonObject:
    """One object with the properties of all alternatives; it requires what every one of them requires.

    Each reference is followed once, which ends circles and keeps the work in proportion to the schema.
    """
    return _Merging(root, _COMBINATIONS).merged(schema)


def conjoined(schema: JsonObject, root: JsonObject) -> JsonObject:
    """The schema with what its `allOf` says written into it."""
    if "allOf" not in schema:
        return schema
    merged = _Merging(root, ("allOf",)).merged(schema)
    return {key: value for key, value in merged.items() if key != "allOf"}


def joined(schemas: Sequence[JsonObject]) -> JsonObject:
    """What all of the schemas say, as one; where several have a keyword, the first is heard."""
    schemas = [schema for schema in schemas if schema]
    if len(schemas) == 1:
        return schemas[0]
    whole: JsonObject = {}
    for schema in reversed(schemas):
        whole |= schema
    if properties := _by_name(schemas, "allOf"):
        whole["properties"] = properties
    if required := [name for schema in schemas for name in _required(schema)]:
        whole["required"] = list(dict.fromkeys(required))
    if described := [text for schema in schemas if isinstance(text := schema.get("description"), str) and text]:
        whole["description"] = " ".join(dict.fromkeys(described))
    return whole


def resolved(schema: JsonObject, root: JsonObject) -> JsonObject:
    """The schema that a local `$ref` at its top leads to, with what stands beside the reference."""
    for _ in range(16):  # a chain of references, not a circle
        if not isinstance(schema.get("$ref"), str):
            return schema
        schema = _step(schema, root)
    return {key: value for key, value in schema.items() if key != "$ref"}


def with_note(description: str | None, left_out: object) -> str | None:
    """The description, and what the schema cannot say as JSON Schema that the model can read."""
    note = f"(JSON Schema: {msgspec.json.encode(left_out).decode()})" if left_out else ""
    return " ".join(text for text in (description, note) if text) or None


def too_deep(tool: Tool) -> BadRequest:
    """For schemas that no provider takes either."""
    return BadRequest(f"tool '{tool.name}': its schema is nested too deeply", param="tools")


class _Merging:
    """Several schemas becoming one. `_required` keeps what each reference requires; None while it is followed."""

    def __init__(self, root: JsonObject, keywords: Sequence[str]) -> None:
        self._root = root
        self._keywords = keywords
        self._required: dict[str, Sequence[str] | None] = {}

    def merged(self, schema: JsonObject) -> JsonObject:
        whole = schema
        for keyword in self._keywords:
            members = schema.get(keyword)
            found = [self._member(member) for member in members] if is_list(members) else []
            merged = [member for member in found if member is not None]
            whole = joined([whole, *merged]) if keyword == "allOf" else _with_alternatives(whole, merged)
        return whole

    def _member(self, member: object) -> JsonObject | None:
        if not is_object(member):
            return {}
        reference = member.get("$ref")
        if not isinstance(reference, str):
            return self.merged(member)
        if reference in self._required:
            required = self._required[reference]
            return None if required is None else {"required": required}
        self._required[reference] = None
        merged = self._member(_step(member, self._root)) or {}
        self._required[reference] = list(_required(merged))
        return merged


def _with_alternatives(schema: JsonObject, members: Sequence[JsonObject]) -> JsonObject:
    """The schema with the properties that any of the alternatives has, and what all of them require."""
    whole = dict(schema)
    if properties := {**_by_name(members, "anyOf"), **_properties(schema)}:
        whole["properties"] = properties
    if required := [*_required(schema), *_in_all([_required(member) for member in members])]:
        whole["required"] = list(dict.fromkeys(required))
    return whole


def _by_name(schemas: Iterable[JsonObject], combination: str) -> JsonObject:
    """The properties of all schemas; one that is described in several ways combines them."""
    ways: dict[str, dict[bytes, object]] = {}
    for schema in schemas:
        for name, described in _properties(schema).items():
            ways.setdefault(name, {})[msgspec.json.encode(described)] = described
    return {name: _combined(list(found.values()), combination) for name, found in ways.items()}


def _combined(ways: Sequence[object], combination: str) -> object:
    return ways[0] if len(ways) == 1 else {combination: ways}


def _step(schema: JsonObject, root: JsonObject) -> JsonObject:
    """The schema with what its `$ref` names in place of it; nothing where that names nothing."""
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return joined([beside, _referred(str(schema["$ref"]), root)])


def _referred(reference: str, root: JsonObject) -> JsonObject:
    """What `#/$defs/Name` names, or `#` for the whole; an empty schema when there is nothing."""
    pointer = reference.removeprefix("#")
    if pointer == reference or not (pointer == "" or pointer.startswith("/")):
        return {}
    found: object = root
    for step in pointer.split("/")[1:]:
        found = _below(found, unquote(step).replace("~1", "/").replace("~0", "~"))
    return found if is_object(found) else {}


def _below(value: object, step: str) -> object:
    if is_object(value):
        return value.get(step)
    return next((member for at, member in enumerate(value) if str(at) == step), None) if is_list(value) else None


def _properties(schema: JsonObject) -> JsonObject:
    properties = schema.get("properties")
    return properties if is_object(properties) else {}


def _required(schema: JsonObject) -> Sequence[str]:
    required = schema.get("required")
    return required if is_strings(required) else ()


def _in_all(lists: Sequence[Sequence[str]]) -> list[str]:
    """The names that are in every list."""
    kept = set[str]().union(*lists[:1]).intersection(*lists[1:])
    return [name for name in dict.fromkeys(lists[0]) if name in kept] if lists else []
