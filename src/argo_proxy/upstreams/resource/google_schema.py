"""JSON Schema in the part of it that Gemini's function declarations know; the rest of the meaning goes into words.

Gemini refuses a whole request for one unknown keyword, for a schema without a type, for `enum` of anything but strings,
and for what stands beside `anyOf`. Source: the fields of `Schema` in Google's published API of 2026, and its refusals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from argo_proxy.canonical.chat import JsonObject, Tool
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.upstreams.json_schema import (
    is_list,
    is_object,
    is_strings,
    merged_object,
    object_tool,
    resolved,
    with_note,
)

MAX_SCHEMAS = 5000
"""How many schemas those of one tool may unfold to: Gemini knows no references, so each is written out."""
_DEEPEST_REPEAT = 2
"""How often a schema that contains itself is written out inside itself."""

_KNOWN = frozenset({
    "title", "description", "nullable", "minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum",
    "minLength", "maxLength", "pattern", "default", "propertyOrdering",
})  # fmt: skip
_SILENT = frozenset({
    "$schema", "$id", "$anchor", "$comment", "$defs", "definitions", "readOnly", "writeOnly", "deprecated", "examples",
    "type", "properties", "required", "items", "prefixItems", "anyOf", "oneOf", "allOf", "enum", "const", "$ref",
    "exclusiveMinimum", "exclusiveMaximum",
})  # fmt: skip
_FORMATS: Mapping[str, frozenset[str]] = {
    "string": frozenset({"enum", "date-time"}),
    "number": frozenset({"float", "double"}),
    "integer": frozenset({"int32", "int64"}),
}
_TYPE_HINTS = (
    ("object", ("properties", "required", "additionalProperties", "patternProperties")),
    ("array", ("items", "prefixItems", "minItems", "maxItems")),
    ("string", ("pattern", "minLength", "maxLength", "format")),
    ("number", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
)
_TYPES = (
    (bool, "boolean"),  # which Python takes for an int, too
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)
_ANY: Sequence[JsonObject] = (
    {"type": "string"},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "object"},
    {"type": "array", "items": {"type": "string"}},
)


def gemini_tool(tool: Tool) -> Tool:
    """The tool with a schema that Gemini takes. Raises BadRequest for one that unfolds without end."""
    plain = object_tool(tool)
    if not plain.parameters or not (plain.parameters.get("properties") or plain.parameters.get("required")):
        return replace(plain, parameters=None)
    return replace(plain, parameters=_Unfolding(plain.name, plain.parameters).schema(plain.parameters))


class _Unfolding:
    """One schema being written out. `_open` are the references that are being followed."""

    def __init__(self, tool_name: str, root: JsonObject) -> None:
        self._tool_name = tool_name
        self._root = root
        self._open: list[str] = []
        self._count = 0

    def schema(self, found: object) -> JsonObject:
        """The schema in Gemini's terms. `true`, `{}` and what is no schema at all stand for any value."""
        self._count += 1
        if self._count > MAX_SCHEMAS:
            message = f"tool '{self._tool_name}': its schema unfolds to more than {MAX_SCHEMAS} parts"
            raise BadRequest(message, param="tools")
        if not is_object(found):
            return _any_value({})
        reference = found.get("$ref")
        if not isinstance(reference, str):
            return self._schema(found)
        if self._open.count(reference) >= _DEEPEST_REPEAT:
            return {"type": "object", "description": f"again as {reference.rpartition('/')[2]} above"}
        self._open.append(reference)
        written = self._schema(resolved(found, self._root))
        self._open.pop()
        return written

    def _schema(self, schema: JsonObject) -> JsonObject:
        if "allOf" in schema:
            schema = {key: value for key, value in merged_object(schema, self._root).items() if key != "allOf"}
        alternatives = _alternatives(schema)
        if alternatives is not None:
            return self._any_of(schema, alternatives)
        kind = _type(schema)
        return _any_value(schema) if kind is None else self._typed(schema, kind)

    def _any_of(self, schema: JsonObject, alternatives: Sequence[object]) -> JsonObject:
        """Nothing stands beside `anyOf`: what the alternatives share is written into each of them."""
        shared = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf", "type", "enum")}
        named = [member for member in alternatives if not _is_null(member)]
        written = [self.schema({**shared, **member} if is_object(member) else shared) for member in named]
        if len(named) < len(alternatives):
            written = [{**each, "nullable": True} for each in written]
        return written[0] if len(written) == 1 else {"anyOf": written}

    def _typed(self, schema: JsonObject, kind: str) -> JsonObject:
        written: JsonObject = {"type": kind}
        written |= {key: value for key, value in schema.items() if key in _KNOWN}
        left_out = {key: value for key, value in schema.items() if key not in _KNOWN and key not in _SILENT}
        if left_out.get("additionalProperties") in (False, True):
            del left_out["additionalProperties"]
        if schema.get("format") in _FORMATS.get(kind, ()):
            written["format"] = left_out.pop("format")
        written |= _bounds(schema, kind, left_out)
        written |= _choices(schema, kind, left_out)
        if kind == "object":
            written |= self._object(schema)
        if kind == "array":
            written["items"] = self._items(schema, left_out)
        told = with_note(_description(schema), left_out)
        return {**written, "description": told} if told else written

    def _object(self, schema: JsonObject) -> JsonObject:
        properties, required = schema.get("properties"), schema.get("required")
        needed = required if is_strings(required) else []
        declared: JsonObject = dict(properties) if is_object(properties) else {}
        declared |= {name: True for name in needed if name not in declared}
        if not declared:
            return {}
        written: JsonObject = {"properties": {name: self.schema(value) for name, value in declared.items()}}
        return {**written, "required": needed} if needed else written

    def _items(self, schema: JsonObject, left_out: JsonObject) -> JsonObject:
        items = schema.get("items", {})
        each = schema.get("prefixItems", items if is_list(items) else None)
        if not is_list(each):
            return self.schema(items)
        left_out["prefixItems"] = each
        return self._any_of({}, each or [{}])


def _alternatives(schema: JsonObject) -> Sequence[object] | None:
    """The schemas of which one must fit, however that is said; None where there is only one."""
    for keyword in ("anyOf", "oneOf"):
        members = schema.get(keyword)
        if is_list(members) and members:
            return members
    kinds = schema.get("type")
    if is_list(kinds):
        return [{**_of_type(schema, kind), "type": kind} for kind in kinds] or None
    return None


def _of_type(schema: JsonObject, kind: object) -> JsonObject:
    """Of an `enum` over several types, the values of this one."""
    values = schema.get("enum")
    fitting = [value for value in values if _type_of(value) == kind] if is_list(values) else []
    return {"enum": fitting} if fitting else {}


def _type(schema: JsonObject) -> str | None:
    kind = schema.get("type")
    if isinstance(kind, str) and kind != "null":
        return kind.lower()
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if is_list(values) and values:
        kinds = {_type_of(value) for value in values} - {"null"}
        return kinds.pop() if len(kinds) == 1 else None
    return next((hinted for hinted, keywords in _TYPE_HINTS if any(key in schema for key in keywords)), None)


def _type_of(value: object) -> str:
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "null")


def _is_null(schema: object) -> bool:
    return is_object(schema) and (schema.get("type") == "null" or ("const" in schema and schema["const"] is None))


def _bounds(schema: JsonObject, kind: str, left_out: JsonObject) -> JsonObject:
    """Exclusive bounds: for whole numbers the next one, for others the bound itself and a note."""
    written: JsonObject = {}
    for keyword, inclusive, step in (("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)):
        bound = schema.get(keyword)
        if bound is True:  # draft 4: the bound stands beside it
            bound = schema.get(inclusive)
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            continue
        whole = kind == "integer" and isinstance(bound, int)
        written[inclusive] = bound + step if whole else bound
        if not whole:
            left_out[keyword] = bound
    return written


def _choices(schema: JsonObject, kind: str, left_out: JsonObject) -> JsonObject:
    """`enum` and `const`: as Gemini's `enum` where all values are strings, else as a note."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if not is_list(values):
        return {}
    strings = [value for value in values if isinstance(value, str)]
    nullable: JsonObject = {"nullable": True} if None in values else {}
    if kind == "string" and len(strings) + bool(nullable) == len(values):
        return {"enum": strings, **nullable}
    left_out["enum"] = values
    return nullable


def _any_value(schema: JsonObject) -> JsonObject:
    left_out = {"enum": schema["enum"]} if "enum" in schema else {}
    told = with_note(_description(schema), left_out)
    return {"anyOf": [{**each, "description": told} if told else each for each in _ANY]}


def _description(schema: JsonObject) -> str | None:
    description = schema.get("description")
    return description if isinstance(description, str) else None
