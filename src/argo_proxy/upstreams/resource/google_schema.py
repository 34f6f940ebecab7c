"""JSON Schema in the part of it that Gemini's function declarations know; the rest of the meaning goes into words.

Gemini refuses a whole request for one unknown keyword, for a schema without a type, for `enum` of anything but strings,
and for what stands beside `anyOf`. Source: the fields of `Schema` in Google's published API of 2026, and its refusals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from argo_proxy.canonical.chat import JsonObject, Tool
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.upstreams.json_schema import (
    conjoined,
    is_list,
    is_object,
    is_strings,
    joined,
    object_schema,
    resolved,
    too_deep,
    with_note,
)
from argo_proxy.upstreams.resource.google_keywords import (
    allowed,
    bounds,
    choices,
    format_of,
    is_null,
    known,
    type_in,
    type_of,
    unknown,
)

MAX_SCHEMAS = 2000
"""How many schemas those of one tool may unfold to: Gemini knows no references, so each is written out."""
_DEPTHS = (64, 8, 4, 2, 1)
"""How many references may be written out one inside the other: the first that keeps to `MAX_SCHEMAS`."""
_DEEPEST_REPEAT = 2
"""How often a schema that contains itself is written out inside itself."""

_ANY: Sequence[JsonObject] = (
    {"type": "string"},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "object"},
    {"type": "array", "items": {"type": "string"}},
)


class _TooLarge(Exception):
    """The schema unfolds to more than `MAX_SCHEMAS` schemas."""


def gemini_tool(tool: Tool) -> Tool:
    """The tool with a schema that Gemini takes. Raises BadRequest for one that is too large or too deep."""
    plain, left_out = object_schema(tool)
    if plain is None:
        return replace(tool, parameters=None, description=with_note(tool.description, {}))
    for deepest in _DEPTHS:
        try:
            return _unfolded(tool, plain, left_out, deepest)
        except _TooLarge:
            continue
        except RecursionError as error:
            raise too_deep(tool) from error
    raise BadRequest(f"tool '{tool.name}': its schema has more than {MAX_SCHEMAS} parts", param="tools")


def _unfolded(tool: Tool, plain: JsonObject, left_out: JsonObject, deepest: int) -> Tool:
    """Gemini refuses an object without properties at the top: what may be said about others goes into words."""
    unfolding = _Unfolding(tool.parameters or {}, deepest)
    has_properties = plain["properties"] or plain.get("required")
    written = unfolding.schema(plain) if has_properties else None
    told = unfolding.told(left_out if has_properties else {**unknown(plain), **left_out})
    return replace(tool, parameters=written, description=with_note(tool.description, told))


class _Unfolding:
    """One schema being written out. `_open` are the references that are being followed."""

    def __init__(self, root: JsonObject, deepest: int) -> None:
        self._root = root
        self._deepest = deepest
        self._open: list[str] = []
        self._count = 0

    def schema(self, found: object) -> JsonObject:
        """The schema in Gemini's terms. `true`, `{}` and what is no schema at all stand for any value."""
        self._count_one()
        if not is_object(found):
            return _any_value(None)
        return self._followed(found, self._schema) or self._again(found)

    def told(self, value: object) -> object:
        """JSON Schema for the words, with its references written out, since what they refer to is not told."""
        if is_list(value):
            return [self.told(member) for member in value]
        if not is_object(value) or not value:
            return value
        self._count_one()
        return self._followed(value, self._told)

    def _told(self, value: JsonObject) -> JsonObject:
        return {key: self.told(below) for key, below in value.items() if key not in ("$defs", "definitions")}

    def _count_one(self) -> None:
        self._count += 1
        if self._count > MAX_SCHEMAS:
            raise _TooLarge

    def _followed(self, found: JsonObject, write: Callable[[JsonObject], JsonObject]) -> JsonObject:
        """What is written for the schema, or for that which it refers to; nothing where that goes too deep."""
        reference = found.get("$ref")
        if not isinstance(reference, str):
            return write(found)
        if self._open.count(reference) >= _DEEPEST_REPEAT or len(self._open) >= self._deepest:
            return {}
        self._open.append(reference)
        written = write(resolved(found, self._root))
        self._open.pop()
        return written

    def _again(self, found: JsonObject) -> JsonObject:
        reference = str(found["$ref"])
        name = reference.rpartition("/")[2].replace("#", "the whole")
        told = f"again as {name} above" if reference in self._open else name
        kind = type_in(resolved(found, self._root))
        return _any_value(told) if kind in (None, "array") else {"type": kind, "description": told}

    def _schema(self, found: JsonObject) -> JsonObject:
        schema = conjoined(found, self._root)
        for keyword in ("anyOf", "oneOf"):
            members = schema.get(keyword)
            if is_list(members) and members:
                return self._any_of(_without(schema, keyword), members)
        kinds = schema.get("type")
        if is_list(kinds) and kinds:
            members = [{**_of_type(schema, kind), "type": kind} for kind in kinds]
            return self._any_of(_without(schema, "type", "enum"), members)
        kind = type_in(schema)
        return self._typed(schema, kind) if kind else self._untyped(schema)

    def _any_of(self, shared: JsonObject, alternatives: Sequence[object]) -> JsonObject:
        """Nothing stands beside `anyOf`: what the alternatives share is written into each of them."""
        named = [member for member in alternatives if not is_null(member)]
        each = [joined([member, shared]) if is_object(member) else shared for member in named]
        written = [flat for member in each for flat in _flat(self.schema(member))]
        if not written:
            return self._untyped({**shared, "type": "null"})
        if len(named) < len(alternatives):
            written = [{**member, "nullable": True} for member in written]
        return written[0] if len(written) == 1 else {"anyOf": written}

    def _untyped(self, schema: JsonObject) -> JsonObject:
        left_out = unknown(schema)
        if is_null(schema):
            return {"type": "string", "nullable": True, **_described(schema, {**left_out, "type": "null"})}
        left_out |= {"enum": values} if (values := choices(schema)) else {}
        return _any_value(with_note(_description(schema), self.told(left_out)))

    def _typed(self, schema: JsonObject, kind: str) -> JsonObject:
        left_out = unknown(schema)
        written: JsonObject = {"type": kind, **known(schema, kind), **format_of(kind, left_out)}
        written |= bounds(schema, kind, left_out)
        written |= allowed(schema, kind, left_out)
        if kind == "object":
            written |= self._object(schema)
        if kind == "array":
            written["items"] = self._items(schema, left_out)
        return {**written, **_described(schema, self.told(left_out))}

    def _object(self, schema: JsonObject) -> JsonObject:
        properties, required = schema.get("properties"), schema.get("required")
        needed = list(dict.fromkeys(required)) if is_strings(required) else []
        declared: JsonObject = dict(properties) if is_object(properties) else {}
        declared |= {name: True for name in needed if name not in declared}
        if not declared:
            return {}
        written: JsonObject = {"properties": {name: self.schema(value) for name, value in declared.items()}}
        return {**written, "required": needed} if needed else written

    def _items(self, schema: JsonObject, left_out: JsonObject) -> JsonObject:
        """Gemini knows no tuples: each item may be what any of them may be, and their order goes into words."""
        items = schema.get("items")
        each = schema.get("prefixItems", items)
        if not is_list(each):
            return self.schema(items)
        left_out["prefixItems"] = each
        return self._any_of({}, each or [{}])


def _flat(schema: JsonObject) -> Sequence[JsonObject]:
    members = schema.get("anyOf")
    return [member for member in members if is_object(member)] if is_list(members) else [schema]


def _without(schema: JsonObject, *keywords: str) -> JsonObject:
    return {key: value for key, value in schema.items() if key not in keywords}


def _of_type(schema: JsonObject, kind: object) -> JsonObject:
    """Of an `enum` over several types, the values of this one."""
    fitting = [value for value in choices(schema) or () if type_of(value) == kind]
    return {"enum": fitting} if fitting else {}


def _any_value(told: str | None) -> JsonObject:
    beside = {"description": told} if told else {}
    return {"anyOf": [{**each, **beside} for each in _ANY]}


def _described(schema: JsonObject, left_out: object) -> JsonObject:
    told = with_note(_description(schema), left_out)
    return {"description": told} if told else {}


def _description(schema: JsonObject) -> str | None:
    description = schema.get("description")
    return description if isinstance(description, str) else None
