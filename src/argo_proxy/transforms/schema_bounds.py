"""A validator of the `jsonschema` library whose work has an end, whatever the schema.

Of itself it unfolds references that double at every level, and everything twice that `unevaluated..` looks at; matches
patterns with `re`, which can take for ever; compares each item with each other; and where a schema within the schema
has a `$schema` of its own, goes on with a validator that is not bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, TypeAlias, cast

from argo_proxy.canonical.chat import JsonObject

if TYPE_CHECKING:
    from jsonschema import FormatChecker
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

    Keyword: TypeAlias = Callable[[Validator, object, object, JsonObject], Iterator[ValidationError]]

MAX_STEPS = 50_000
"""How many references one value may lead through: about a second."""
MAX_SCHEMAS = 300_000
"""How many schemas one value may be held against, each of its parts counted: some seconds."""
PATTERN_S = 0.1
MAX_WRITTEN_OUT = 1_000_000
"""How long a pattern may be with its repetitions written out, which is what the `regex` library does with them."""

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")
_TIMES = re.compile(r"(\)?)\{0*(\d+)")


class TooMuch(Exception):
    """The schema asks for more work than it gets."""


def bounded(validator: type[Validator]) -> type[Validator]:
    """The validator with an end to its work, for one value."""
    from jsonschema.validators import extend  # pyright: ignore[reportUnknownVariableType]

    known = cast("dict[str, Keyword]", validator.VALIDATORS)
    steps = _Steps(MAX_STEPS)
    changed: dict[str, Keyword] = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties(known["additionalProperties"]),
        "uniqueItems": _unique_items,
        "multipleOf": _multiple_of,
        **{name: steps.counted(known[name]) for name in _REFERENCES if name in known},
        **{name: steps.counted(_after_the_rest(known[name])) for name in _UNEVALUATED if name in known},
    }
    made = cast("type[Validator]", extend(validator, changed))
    made.evolve = _within(made.evolve, _Steps(MAX_SCHEMAS))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    return made


def pattern_checker() -> FormatChecker:
    """Knows patterns by the library that will match them, and no other format."""
    from jsonschema import FormatChecker
    from regex import error as PatternError  # noqa: N812 (a class, whatever its name)

    checker = FormatChecker(formats=())
    checker.checks("regex", raises=(PatternError, RecursionError, TooMuch))(_is_pattern)
    return checker


class _Steps:
    def __init__(self, most: int) -> None:
        self._left = most

    def take(self) -> None:
        """One more. Raises TooMuch."""
        self._left -= 1
        if self._left < 0:
            raise TooMuch

    def counted(self, keyword: Keyword) -> Keyword:
        def follow(at: Validator, rule: object, value: object, schema: JsonObject) -> Iterator[ValidationError]:
            self.take()
            yield from keyword(at, rule, value, schema)

        return follow


def _after_the_rest(keyword: Keyword) -> Keyword:
    """The keyword looks again at what the other ones lead to, but counts nothing there; so they have to go first."""

    def follow(at: Validator, rule: object, value: object, schema: JsonObject) -> Iterator[ValidationError]:
        rest = {name: other for name, other in schema.items() if name not in _UNEVALUATED}
        for _ in at.evolve(schema=rest).iter_errors(cast("str", value)):  # pyright: ignore[reportUnknownMemberType]
            pass
        yield from keyword(at, rule, value, schema)

    return follow


def _within(evolve: Callable[..., Validator], steps: _Steps) -> Callable[..., Validator]:
    """The validator for a schema within the schema, of the same kind whatever that says it is."""

    def evolved(at: Validator, **changes: object) -> Validator:
        steps.take()
        schema = changes.get("schema")
        if isinstance(schema, dict) and "$schema" in schema:
            members = cast("JsonObject", schema).items()
            changes["schema"] = {name: rest for name, rest in members if name != "$schema"}
        return evolve(at, **changes)

    return evolved


def _pattern(_: Validator, pattern: object, value: object, __: JsonObject) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if isinstance(value, str) and not _matches(pattern, value):
        yield ValidationError(f"the text does not match {pattern!r}")


def _pattern_properties(at: Validator, patterns: object, value: object, _: JsonObject) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for pattern, schema in cast("JsonObject", patterns).items():
            for name, member in cast("JsonObject", value).items():
                if _matches(pattern, name):
                    yield from _errors(at, member, schema, name)


def _errors(at: Validator, member: object, schema: object, name: str) -> Iterator[ValidationError]:
    """What is wrong with a property, told of the whole."""
    within = at.evolve(schema=schema)  # pyright: ignore[reportUnknownMemberType]
    for error in within.iter_errors(cast("str", member)):
        error.relative_path.appendleft(name)
        yield error


def _additional_properties(keyword: Keyword) -> Keyword:
    def additional(at: Validator, others: object, value: object, schema: JsonObject) -> Iterator[ValidationError]:
        """Leaves the properties that a pattern covers to `_pattern_properties`."""
        if isinstance(value, dict) and "patternProperties" in schema:
            patterns = cast("JsonObject", schema["patternProperties"])
            members = cast("JsonObject", value).items()
            value = {name: member for name, member in members if not any(_matches(p, name) for p in patterns)}
            schema = {name: rest for name, rest in schema.items() if name != "patternProperties"}
        yield from keyword(at, others, cast("object", value), schema)

    return additional


def _unique_items(_: Validator, unique: object, value: object, __: JsonObject) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if unique and isinstance(value, list):
        items = cast("list[object]", value)
        if len(set(map(_frozen, items))) < len(items):
            yield ValidationError("the list has the same item twice")


def _multiple_of(_: Validator, factor: object, value: object, __: JsonObject) -> Iterator[ValidationError]:
    """By the decimals that were written: to a computer, 0.07 is no multiple of 0.01."""
    from jsonschema.exceptions import ValidationError

    if isinstance(value, int | float) and not isinstance(value, bool):
        quotient = Fraction(str(value)) / Fraction(str(factor))
        if quotient.denominator != 1:
            yield ValidationError(f"{value!r} is not a multiple of {factor!r}")


def _frozen(value: object) -> Hashable:
    """Equal for what is equal in JSON, where 1 is 1.0, but true is not 1."""
    match value:
        case dict():
            return frozenset((name, _frozen(member)) for name, member in cast("JsonObject", value).items())
        case list():
            return tuple(map(_frozen, cast("list[object]", value)))
        case bool():
            return (bool, value)
        case _:
            return cast("Hashable", value)


def _matches(pattern: object, text: str) -> bool:
    import regex

    written = str(pattern)
    if _length_written_out(written) > MAX_WRITTEN_OUT:
        raise TooMuch
    return regex.search(written, text, timeout=PATTERN_S) is not None


def _is_pattern(value: object) -> bool:
    return not isinstance(value, str) or _matches(value, "") or True


def _length_written_out(pattern: str) -> int:
    """At most this: the repetitions of groups multiply, those of single characters do not."""
    times = [(group, int(count[:9])) for group, count in _TIMES.findall(pattern)]
    groups = prod(max(count, 1) for group, count in times if group)
    return len(pattern) * groups * max((count for group, count in times if not group), default=1)
