import pytest

from argo_proxy.canonical.errors import BadRequest
from argo_proxy.transforms import schema_bounds
from argo_proxy.transforms.schema_check import SchemaCheck

LATEST = "https://json-schema.org/draft/2020-12/schema"
ENDLESS = "^(a+)+$"
TEXT = "a" * 40 + "!"
MISSED = f"the text does not match '{ENDLESS}'"


def problem(schema: dict[str, object], value: object) -> str | None:
    return SchemaCheck(schema, "response_format").problem(value)


def levels(level: object, count: int = 40) -> dict[str, object]:
    """Schemas of which each refers to the next one: `level` with the next one's reference in it, in place of None."""

    def filled(part: object, following: int) -> object:
        match part:
            case None:
                return {"$ref": f"#/$defs/{following}"}
            case dict():
                return {name: filled(member, following) for name, member in part.items()}
            case list():
                return [filled(member, following) for member in part]
            case _:
                return part

    return {**{str(at): filled(level, at + 1) for at in range(count)}, str(count): {}}


def nested(inner: dict[str, object], name: str = "a", depth: int = 60) -> dict[str, object]:
    value: dict[str, object] = {}
    for _ in range(depth):
        value = {name: value}
    return {**value, **inner}


TWICE = {"properties": {"a": {"$recursiveRef": "#"}}}
SHELLS: dict[str, object] = {}
for _ in range(40):
    SHELLS = {"allOf": [SHELLS], "unevaluatedProperties": False}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$ref": "#/$defs/0", "$defs": levels({"allOf": [None, None]})},
        {"$ref": "#/$defs/0", "$defs": levels({"properties": {"a": {"anyOf": [None, None]}}, "not": {"not": None}})},
        {"$schema": LATEST, "$ref": "#/$defs/0", "$defs": levels({"$schema": LATEST, "allOf": [None, None]})},
        {"$schema": "https://json-schema.org/draft/2019-09/schema", "allOf": [TWICE, TWICE]},
        {
            "unevaluatedProperties": False,
            "$ref": "#/$defs/0",
            "$defs": levels({"if": True, "then": None, "dependentSchemas": {"a": None}}),
        },
        SHELLS,
    ],
)
def test_references_that_have_no_end_or_double_at_every_level_are_refused(
    schema: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema_bounds, "MAX_STEPS", 2000)
    with pytest.raises(BadRequest, match="takes too long to check"):
        problem(schema, nested({}))


@pytest.mark.parametrize(
    ("schema", "value", "found"),
    [
        ({"pattern": ENDLESS}, TEXT, f"at $: {MISSED}"),
        ({"$schema": LATEST, "pattern": ENDLESS, "items": {"$ref": "#"}}, [TEXT], f"at $[0]: {MISSED}"),
        ({"properties": {"a": {"$schema": LATEST, "pattern": ENDLESS}}}, {"a": TEXT}, f"at $.a: {MISSED}"),
        ({"propertyNames": {"pattern": ENDLESS}}, {TEXT: 1}, f"at $: {MISSED}"),
        ({"patternProperties": {ENDLESS: False}}, {TEXT: 1}, None),
        ({"patternProperties": {ENDLESS: {}}, "additionalProperties": {"const": 1}}, {TEXT: 1}, None),
    ],
)
def test_a_pattern_that_would_match_for_ever_is_matched_by_another_library(
    schema: dict[str, object], value: object, found: str | None
) -> None:
    assert problem(schema, value) == found


@pytest.mark.parametrize(
    "schema", [{"pattern": r"(a|a)*\d$"}, {"x": {"pattern": "((a{1000}){1000}){1000}"}, "$ref": "#/x"}]
)
def test_a_pattern_that_takes_too_long_is_refused(schema: dict[str, object]) -> None:
    with pytest.raises(BadRequest, match="takes too long to check"):
        problem(schema, "a" * 60)


@pytest.mark.parametrize(
    "pattern", [r"^\p{L}+$", "(?<year>A)", "^[^0-9]{0,5000}$", r"^(\w{1,4}:){7,7}|\w{4}$|", r"(?:[A-Z]{2}){0,9}"]
)
def test_patterns_are_those_of_javascript_too(pattern: str) -> None:
    assert problem({"pattern": pattern}, "ABCDEFGHIJKLMN") is None
    assert problem({"pattern": pattern}, 5) is None


def test_properties_of_a_pattern_are_checked_and_told_with_their_path() -> None:
    schema = {"patternProperties": {"^n": {"type": "integer"}}, "properties": {"a": {}}, "additionalProperties": False}
    assert problem(schema, {"n1": 1, "a": "x"}) is None
    assert problem(schema, {"n1": "x"}) == "at $.n1: 'x' is not of type 'integer'"
    assert problem(schema, {"n1": 1, "b": 1}) == "at $: Additional properties are not allowed ('b' was unexpected)"
    assert problem(schema, 5) is None


@pytest.mark.parametrize(
    ("items", "unique"),
    [
        ([], True),
        ([1, True, "1", [1], {"a": 1}, None, False, 0], True),
        ([{"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}], True),
        ([1, 1.0], False),
        ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], False),
        ([[True], [True]], False),
        ([{"n": n} for n in range(20_000)], True),
    ],
)
def test_items_are_unique_as_json_has_it(items: list[object], unique: bool) -> None:
    assert problem({"uniqueItems": True}, items) == (None if unique else "at $: the list has the same item twice")
    assert problem({"uniqueItems": False}, items) is None
    assert problem({"uniqueItems": True}, "aa") is None


def test_what_is_left_unevaluated_is_found() -> None:
    schema = {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False}
    assert problem(schema, {"a": 1}) is None
    assert problem(schema, {"b": 1}) == "at $: Unevaluated properties are not allowed ('b' was unexpected)"


@pytest.mark.parametrize(
    ("factor", "value", "fits"),
    [(3, 9, True), (3, 10, False), (0.01, 0.07, True), (0.5, 10**400, True), (1e-300, 1e300, True), (0.1, 0.25, False)],
)
def test_multiples_are_told_by_the_decimals_that_were_written(factor: float, value: float, fits: bool) -> None:
    assert (problem({"multipleOf": factor}, value) is None) is fits
    assert problem({"multipleOf": factor}, True) is None
    assert problem({"multipleOf": factor}, "10") is None
