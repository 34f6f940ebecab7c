"""A JSON schema as a tree: itself and the schemas below it, which are no property names and no sample values."""

from collections.abc import Iterator
from typing import Final, TypeAlias

from argo_proxy.simulator.shapes import is_list, is_object

Place: TypeAlias = tuple[str, ...]
NAMED: Final = frozenset({"properties", "patternProperties", "$defs", "definitions"})
LISTED: Final = frozenset({"anyOf", "oneOf", "allOf"})
SINGLE: Final = frozenset({"items"})


def walk(schema: object, place: Place = ()) -> Iterator[tuple[Place, object]]:
    """Parents come before their children, and what stands for a schema comes as it is, object or not."""
    yield place, schema
    if not is_object(schema):
        return
    for keyword, value in schema.items():
        for step, below in _below(keyword, value):
            yield from walk(below, (*place, *step))


def _below(keyword: str, value: object) -> Iterator[tuple[Place, object]]:
    if keyword in NAMED and is_object(value):
        for name, schema in value.items():
            yield (keyword, name), schema
    elif keyword in LISTED and is_list(value):
        for index, schema in enumerate(value):
            yield (keyword, str(index)), schema
    elif keyword in SINGLE:
        yield (keyword,), value
