"""What Gemini takes as parameters: its proto `Schema`, an allow-list of keywords at every depth."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from argo_proxy.simulator.shapes import JsonObject, is_list, is_object, objects_in
from argo_proxy.simulator.strict.refusals import Refused, google_fault
from argo_proxy.simulator.strict.schema import walk

KEYWORDS: Final = (
    frozenset({"type", "format", "title", "description", "nullable", "default", "example", "anyOf"})
    | {"properties", "required", "propertyOrdering", "minProperties", "maxProperties"}
    | {"items", "minItems", "maxItems"}
    | {"enum", "pattern", "minLength", "maxLength"}
    | {"minimum", "maximum"}
)
FORMATS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "string": ("enum", "date-time"),
        "number": ("float", "double"),
        "integer": ("int32", "int64"),
        "boolean": (),
        "array": (),
        "object": (),
    }
)
SchemaCheck: TypeAlias = Callable[[JsonObject, str], None]


def check_parameters(parameters: object, where: str) -> None:
    """`where` is the place of `parameters` in Gemini's own request, which its refusals name."""
    for place, schema in walk(parameters):
        _check_schema(schema, ".".join((where, *place)))
    if not is_object(parameters) or _kind(parameters) != "object":
        raise google_fault(f"Unable to submit request because {where} schema should be of type OBJECT.")
    if not parameters.get("properties"):
        raise google_fault(f"{where}.properties: should be non-empty for OBJECT type")


def _check_schema(schema: object, where: str) -> None:
    if not is_object(schema):
        raise _invalid_value(where, schema)
    for check in _CHECKS:
        check(schema, where)


def _check_keywords(schema: JsonObject, where: str) -> None:
    for keyword in schema:
        if keyword not in KEYWORDS:
            raise _unknown_name(keyword, where, "Cannot find field.")


def _check_type(schema: JsonObject, where: str) -> None:
    if is_list(schema.get("type")):
        raise _unknown_name("type", where, "Proto field is not repeating, cannot start list.")
    if "type" in schema and _kind(schema) not in FORMATS:
        raise _invalid_value(f"{where}.type", schema["type"])
    if not {"type", "anyOf"} & schema.keys():
        raise google_fault(f"{where}: schema didn't specify the schema type field")


def _check_containers(schema: JsonObject, where: str) -> None:
    if not is_object(schema.get("properties", {})):
        raise _invalid_value(f"{where}.properties", schema["properties"])
    if "anyOf" in schema and not objects_in(schema["anyOf"]):
        raise _invalid_value(f"{where}.anyOf", schema["anyOf"])
    if _kind(schema) == "array" and "items" not in schema:
        raise google_fault(f"{where}.items: missing field.")


def _check_enum(schema: JsonObject, where: str) -> None:
    if "enum" not in schema:
        return
    if _kind(schema) != "string":
        raise google_fault(f"{where}.enum: only allowed for STRING type")
    _check_strings(schema["enum"], f"{where}.enum")


def _check_required(schema: JsonObject, where: str) -> None:
    properties = schema.get("properties")
    declared = properties if is_object(properties) else {}
    for index, name in enumerate(_check_strings(schema.get("required", []), f"{where}.required")):
        if name not in declared:
            raise google_fault(f"{where}.required[{index}]: property is not defined")


def _check_format(schema: JsonObject, where: str) -> None:
    kind = _kind(schema)
    allowed = FORMATS.get(kind, ())
    if "format" in schema and schema["format"] not in allowed:
        names = " and ".join(map(repr, allowed)) or "none"
        raise google_fault(f"{where}.format: only {names} are supported for {kind.upper()} type")


def _check_strings(values: object, where: str) -> list[object]:
    if not is_list(values) or not all(isinstance(value, str) for value in values):
        raise _invalid_value(where, values)
    return values


def _kind(schema: JsonObject) -> str:
    """The type in lower case, as Gemini takes it in any."""
    kind = schema.get("type")
    return kind.lower() if isinstance(kind, str) else ""


def _unknown_name(keyword: str, where: str, why: str) -> Refused:
    return google_fault(f"Invalid JSON payload received. Unknown name \"{keyword}\" at '{where}': {why}")


def _invalid_value(where: str, value: object) -> Refused:
    return google_fault(f"Invalid value at '{where}': {value!r}")


_CHECKS: Final[tuple[SchemaCheck, ...]] = (
    _check_keywords,
    _check_type,
    _check_containers,
    _check_enum,
    _check_required,
    _check_format,
)
