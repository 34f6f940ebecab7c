"""JSON Schemas of the wire types, each kind of body under a name of its own: two dialects have a `Message` each."""

from __future__ import annotations

from typing import cast

from msgspec import Struct
from msgspec.json import schema_components

from argo_proxy.canonical.chat import JsonObject

ANY: JsonObject = {"description": "any JSON value"}
_PLACE = "#/components/schemas/"


class Shape(Struct, frozen=True):
    """A wire type, with the name under which it is published.

    `told` are fields of which the type says less than is checked later. An `answer` always has all its fields, though
    they have defaults.
    """

    name: str
    type: object
    told: tuple[tuple[str, JsonObject], ...] = ()
    answer: bool = False


def reference(shape: Shape) -> JsonObject:
    """What stands for the schema where it is used."""
    return {"$ref": _PLACE + shape.name}


def components(shape: Shape) -> dict[str, JsonObject]:
    """The schema under its name, and all that it is made of."""
    place = f"{_PLACE}{shape.name}.{{name}}"
    (schema,), parts = schema_components([shape.type], schema_hook=lambda _: ANY, ref_template=place)
    named = cast("dict[str, JsonObject]", {f"{shape.name}.{name}": part for name, part in parts.items()})
    own = named.pop(str(schema.get("$ref")).removeprefix(_PLACE), schema)
    cast("JsonObject", own.get("properties", {})).update(shape.told)
    written = _as_answered if shape.answer else _as_asked
    return {name: written(part) for name, part in {shape.name: own, **named}.items()}


def _as_answered(schema: JsonObject) -> JsonObject:
    """Fields that have a default are there, too, and it means nothing to who reads them."""
    fields = _fields(schema)
    required = [name for name, field in fields.items() if name in _required(schema) or "default" in field]
    told = {name: {key: value for key, value in field.items() if key != "default"} for name, field in fields.items()}
    return {**schema, "properties": told, "required": required} if fields else schema


def _as_asked(schema: JsonObject) -> JsonObject:
    """What tells an object's kind is needed only where there are several."""
    kinds = [name for name, field in _fields(schema).items() if len(cast("list[object]", field.get("enum", ()))) == 1]
    told = cast("JsonObject", _with_kinds(schema))
    return {**told, "required": [name for name in _required(schema) if name not in kinds]} if kinds else told


def _with_kinds(schema: object) -> object:
    """The schema, which says of each choice among objects by what it is made."""
    if isinstance(schema, list):
        return [_with_kinds(member) for member in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    told: JsonObject = {name: _with_kinds(member) for name, member in cast("JsonObject", schema).items()}
    if "discriminator" in told:
        told["required"] = [cast("JsonObject", told["discriminator"])["propertyName"]]
    return told


def _fields(schema: JsonObject) -> dict[str, JsonObject]:
    return cast("dict[str, JsonObject]", schema.get("properties", {}))


def _required(schema: JsonObject) -> list[str]:
    return cast("list[str]", schema.get("required", []))
