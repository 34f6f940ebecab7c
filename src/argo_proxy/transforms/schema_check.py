"""Checks values against a JSON Schema that a stranger wrote: in bounded time, and without fetching anything.

The `jsonschema` library does the work, but it follows references to the network, and works for ever where a schema is
made for that. Here all of that has an end (`schema_bounds.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from argo_proxy.canonical.chat import JsonObject
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.transforms.schema_bounds import TooMuch, bounded, pattern_checker

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_LONGEST_PROBLEM = 400
_DATA = ("enum", "const", "default", "example", "examples")
# What the library raises where it trusts that a schema was checked, and a reference led to something that was not.
_ASTRAY = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


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
            checker = pattern_checker()
            self._validator.check_schema(schema, format_checker=checker)  # pyright: ignore[reportCallIssue]
            written = str(schema)
            self._follow_references()
        except SchemaError as error:
            raise self._refusal(f"{error.json_path}: {error.message}") from error
        except RecursionError as error:
            raise self._refusal("it is nested too deeply") from error
        except (AttributeError, TypeError, ValueError) as error:
            raise self._refusal("its $schema is no address") from error
        if "patternProperties" in written and "unevaluatedProperties" in written:
            raise self._refusal("patternProperties and unevaluatedProperties do not go together here")

    def _follow_references(self) -> None:
        """Once before ARGO is asked: one that leads nowhere, or elsewhere, would show only when an answer needs it."""
        from referencing import Registry
        from referencing.exceptions import NoSuchAnchor, Unresolvable
        from referencing.jsonschema import DRAFT202012, Schema

        registry: Registry[Schema] = Registry()
        resolver = registry.resolver_with_root(DRAFT202012.create_resource(self._schema))
        for reference in _references(self._schema):
            try:
                resolver.lookup(reference)
            except (Unresolvable, NoSuchAnchor, *_ASTRAY) as error:
                raise self._refusal(f"its reference {reference!r} leads nowhere") from error

    def problem(self, value: object) -> str | None:
        """What is wrong with the value and where, as `at $.path: what`; None if it fits.

        Raises BadRequest for a schema that turns out to be faulty only when it is used.
        """
        from jsonschema.exceptions import UnknownType, best_match  # pyright: ignore[reportUnknownVariableType]
        from referencing import Registry
        from referencing.exceptions import Unresolvable
        from regex import error as PatternError  # noqa: N812 (a class, whatever its name)

        schema = {name: rest for name, rest in self._schema.items() if name != "$schema"}
        try:
            validator = bounded(self._validator)(schema, registry=Registry())
            errors = validator.iter_errors(cast("str", value))  # its stubs know no `object`
            error = cast("ValidationError | None", best_match(errors))
        except Unresolvable as unresolvable:
            raise self._refusal(f"its reference {unresolvable.ref!r} leads nowhere") from unresolvable
        except PatternError as pattern_error:
            raise self._refusal(f"a pattern is no regular expression: {pattern_error}") from pattern_error
        except (TooMuch, RecursionError, TimeoutError) as endless:
            raise self._refusal("it takes too long to check: references or patterns without end") from endless
        except (UnknownType, *_ASTRAY) as error:
            raise self._refusal(f"it cannot be applied: {error}") from error
        if error is None:
            return None
        message = error.message
        shown = message if len(message) <= _LONGEST_PROBLEM else message[:_LONGEST_PROBLEM] + "…"
        return f"at {error.json_path}: {shown}"

    def _refusal(self, why: str) -> BadRequest:
        return BadRequest(f"'{self._param}': this is no JSON Schema that can be used: {why}"[:1000], param=self._param)


def _references(schema: object) -> Iterator[str]:
    """Every `$ref` in it, but not in what is data; in a part with an address of its own they mean something else."""
    if isinstance(schema, list):
        for member in cast("list[object]", schema):
            yield from _references(member)
    if isinstance(schema, dict):
        members = cast("JsonObject", schema)
        if isinstance(members.get("$ref"), str):
            yield cast("str", members["$ref"])
        for name, member in members.items():
            if name not in _DATA and not _has_address(member):
                yield from _references(member)


def _has_address(schema: object) -> bool:
    return isinstance(schema, dict) and isinstance(cast("JsonObject", schema).get("$id"), str)
