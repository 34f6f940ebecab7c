"""Checks values against a JSON Schema that a stranger wrote: in bounded time, and without fetching anything.

The `jsonschema` library does the work, but it follows references to the network, matches patterns with `re`, which can
take for ever, and unfolds references that double at every level. Here all three have an end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias, cast

from argo_proxy.canonical.chat import JsonObject
from argo_proxy.canonical.errors import BadRequest

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

    Keyword: TypeAlias = Callable[[Validator, object, object, JsonObject], Iterator[ValidationError]]

MAX_REFERENCES = 50_000
"""How many references one value may lead through: about a second."""
PATTERN_S = 0.1
_LONGEST_PROBLEM = 400


class _TooMuch(Exception):
    """The schema asks for more work than it gets."""


class SchemaCheck:
    """A schema, ready to check values. `param` is where the client wrote it."""

    def __init__(self, schema: JsonObject, param: str) -> None:
        """Raises BadRequest for what is no schema."""
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import Draft202012Validator, validator_for

        self._schema = schema
        self._param = param
        try:
            self._validator = validator_for(schema, Draft202012Validator)
            self._validator.check_schema(schema)
        except SchemaError as error:
            raise self._refusal(f"{error.json_path}: {error.message}") from error
        except (TypeError, RecursionError) as error:
            raise self._refusal("it is nested too deeply, or its $schema is no text") from error
        if "patternProperties" in str(schema) and "unevaluatedProperties" in str(schema):
            raise self._refusal("patternProperties and unevaluatedProperties do not go together here")

    def problem(self, value: object) -> str | None:
        """What is wrong with the value and where, as `at $.path: what`; None if it fits.

        Raises BadRequest for a schema that turns out to be faulty only when it is used.
        """
        from jsonschema.exceptions import best_match  # pyright: ignore[reportUnknownVariableType]
        from referencing import Registry
        from referencing.exceptions import Unresolvable
        from regex import error as PatternError  # noqa: N812 (a class, whatever its name)

        validator = _bounded(self._validator)(self._schema, registry=Registry())
        try:
            errors = validator.iter_errors(cast("str", value))  # its stubs know no `object`
            error = cast("ValidationError | None", best_match(errors))
        except Unresolvable as unresolvable:
            raise self._refusal(f"its reference {unresolvable.ref!r} leads nowhere") from unresolvable
        except PatternError as pattern_error:
            raise self._refusal(f"a pattern is no regular expression: {pattern_error}") from pattern_error
        except (_TooMuch, RecursionError, TimeoutError) as endless:
            raise self._refusal("it takes too long to check: references or patterns without end") from endless
        if error is None:
            return None
        message = error.message
        shown = message if len(message) <= _LONGEST_PROBLEM else message[:_LONGEST_PROBLEM] + "…"
        return f"at {error.json_path}: {shown}"

    def _refusal(self, why: str) -> BadRequest:
        return BadRequest(f"'{self._param}': this is no JSON Schema that can be used: {why}"[:1000], param=self._param)


def _bounded(validator: type[Validator]) -> type[Validator]:
    """The validator with an end to its work."""
    from jsonschema.validators import extend  # pyright: ignore[reportUnknownVariableType]

    keywords = cast("dict[str, Keyword]", validator.VALIDATORS)
    followed = 0

    def counted(keyword: Keyword) -> Keyword:
        def follow(at: Validator, reference: object, value: object, schema: JsonObject) -> Iterator[ValidationError]:
            nonlocal followed
            followed += 1
            if followed > MAX_REFERENCES:
                raise _TooMuch
            yield from keyword(at, reference, value, schema)

        return follow

    bounded = {name: counted(keywords[name]) for name in ("$ref", "$dynamicRef") if name in keywords}
    patterns: dict[str, Keyword] = {"pattern": _pattern, "patternProperties": _pattern_properties}
    others = _additional_properties(keywords["additionalProperties"])
    return cast("type[Validator]", extend(validator, {**bounded, **patterns, "additionalProperties": others}))


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


def _matches(pattern: object, text: str) -> bool:
    import regex

    return regex.search(str(pattern), text, timeout=PATTERN_S) is not None
