"""Single keywords of JSON Schema as Gemini takes them: types, bounds, choices, and what it knows of each type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from argo_proxy.canonical.chat import JsonObject
from argo_proxy.upstreams.json_schema import is_list, is_object

TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object"})
_NUMBERS = frozenset({"number", "integer"})
_FORMATS: Mapping[str, frozenset[object]] = {
    "string": frozenset({"enum", "date-time"}),
    "number": frozenset({"float", "double"}),
    "integer": frozenset({"int32", "int64"}),
}
_KNOWN: Mapping[str, tuple[frozenset[str], type | tuple[type, ...]]] = {
    "title": (TYPES, str),
    "nullable": (TYPES, bool),
    "default": (TYPES, object),
    "pattern": (frozenset({"string"}), str),
    "minLength": (frozenset({"string"}), int),
    "maxLength": (frozenset({"string"}), int),
    "minimum": (_NUMBERS, (int, float)),
    "maximum": (_NUMBERS, (int, float)),
    "minItems": (frozenset({"array"}), int),
    "maxItems": (frozenset({"array"}), int),
    "minProperties": (frozenset({"object"}), int),
    "maxProperties": (frozenset({"object"}), int),
}
"""The keywords that Gemini takes as they are: for which types of values, and of which type they are themselves."""
_WRITTEN = frozenset({
    "description", "type", "properties", "required", "items", "anyOf", "oneOf", "enum", "const", "exclusiveMinimum",
    "exclusiveMaximum", "propertyOrdering",
})  # fmt: skip
_SILENT = frozenset({
    "$schema", "$id", "$anchor", "$comment", "$defs", "definitions", "readOnly", "writeOnly", "deprecated", "examples",
    "example", "discriminator",
})  # fmt: skip
_TYPE_HINTS = (
    ("object", ("properties", "required", "additionalProperties", "patternProperties")),
    ("array", ("items", "prefixItems", "minItems", "maxItems")),
    ("string", ("pattern", "minLength", "maxLength", "format")),
    ("number", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
)
_PYTHON_TYPES = (
    (bool, "boolean"),  # which Python takes for an int, too
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def type_in(schema: JsonObject) -> str | None:
    """The one type of the schema's values, told or guessed; None where there are several, or none is told."""
    kind = schema.get("type")
    if isinstance(kind, str) and kind.lower() in TYPES:
        return kind.lower()
    values = choices(schema)
    if values:
        kinds = {type_of(value) for value in values} - {"null"}
        return kinds.pop() if len(kinds) == 1 else None
    return next((hinted for hinted, keywords in _TYPE_HINTS if any(key in schema for key in keywords)), None)


def type_of(value: object) -> str:
    """What JSON Schema calls the type of this value."""
    return next((name for kind, name in _PYTHON_TYPES if isinstance(value, kind)), "null")


def choices(schema: JsonObject) -> list[object] | None:
    """The values that `enum` or `const` leave."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return values if is_list(values) else None


def is_null(schema: object) -> bool:
    """Whether only null fits."""
    return is_object(schema) and (schema.get("type") == "null" or choices(schema) == [None])


def known(schema: JsonObject, kind: str) -> JsonObject:
    """The keywords that Gemini takes as they are for values of this type."""
    return {
        key: schema[key]
        for key, (kinds, shape) in _KNOWN.items()
        if key in schema and kind in kinds and _is_a(schema[key], shape)
    }


def unknown(schema: JsonObject) -> JsonObject:
    """The keywords that Gemini refuses, and that say something."""
    left_out = {key: value for key, value in schema.items() if key not in {*_KNOWN, *_WRITTEN, *_SILENT}}
    if isinstance(left_out.get("additionalProperties"), bool):
        del left_out["additionalProperties"]
    return left_out


def format_of(kind: str, left_out: JsonObject) -> JsonObject:
    """The format, taken from what is left out if Gemini knows it."""
    found = left_out.get("format")
    fits = isinstance(found, str) and found in _FORMATS.get(kind, ())
    return {"format": left_out.pop("format")} if fits else {}


def bounds(schema: JsonObject, kind: str, left_out: JsonObject) -> JsonObject:
    """Exclusive bounds: for whole numbers the next one, for others the bound itself and a note."""
    written: JsonObject = {}
    for keyword, inclusive, step in (("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)):
        bound, beside = schema.get(keyword), schema.get(inclusive)
        if bound is True:  # draft 4: the bound stands beside it
            bound = beside
        if kind not in _NUMBERS or not _is_number(bound):
            continue
        whole = kind == "integer" and isinstance(bound, int)
        if not whole:
            left_out[keyword] = bound
        bounds = [bound + step if whole else bound, *([beside] if _is_number(beside) else ())]
        written[inclusive] = max(bounds) if step > 0 else min(bounds)
    return written


def allowed(schema: JsonObject, kind: str, left_out: JsonObject) -> JsonObject:
    """`enum` and `const`: as Gemini's `enum` where all values are strings and none is empty, else as a note."""
    values = choices(schema)
    if not values:
        return {}
    strings = [value for value in values if isinstance(value, str) and value]
    nullable: JsonObject = {"nullable": True} if None in values else {}
    if kind == "string" and strings and len(strings) + bool(nullable) == len(values):
        return {"enum": strings, **nullable}
    left_out["enum"] = values
    return nullable


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_a(value: object, shape: type | tuple[type, ...]) -> bool:
    """Whether it has this type; a truth value is no number."""
    return isinstance(value, shape) and (shape in (bool, object) or not isinstance(value, bool))
