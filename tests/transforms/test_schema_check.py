import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from argo_proxy.canonical.errors import BadRequest
from argo_proxy.transforms.schema_check import SchemaCheck
from tests.laws.strategies import law

DRAFTS = [
    *(f"http://json-schema.org/draft-0{number}/schema#" for number in (3, 4, 6, 7)),
    *(f"https://json-schema.org/draft/{name}/schema" for name in ("2019-09", "2020-12")),
]
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "tags": {"type": "array", "items": {"enum": ["a", "b"]}}},
    "required": ["name"],
    "additionalProperties": False,
}


def problem(schema: object, value: object) -> str | None:
    return SchemaCheck(schema, "text.format").problem(value)


@pytest.mark.parametrize("value", [{"name": "x"}, {"name": "", "tags": []}, {"name": "x", "tags": ["a", "b", "a"]}])
def test_a_value_that_fits_has_no_problem(value: object) -> None:
    assert problem(PERSON, value) is None


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([], "at $: [] is not of type 'object'"),
        ({}, "at $: 'name' is a required property"),
        ({"name": 1}, "at $.name: 1 is not of type 'string'"),
        ({"name": "x", "tags": ["a", "c"]}, "at $.tags[1]: 'c' is not one of ['a', 'b']"),
        ({"name": "x", "b": 1}, "at $: Additional properties are not allowed ('b' was unexpected)"),
    ],
)
def test_a_problem_is_told_with_its_path(value: object, told: str) -> None:
    assert problem(PERSON, value) == told


def test_a_long_problem_is_cut_short() -> None:
    told = problem({"type": "string"}, ["x" * 1000])
    assert told is not None
    assert (len(told), told[-1]) == (len("at $: ") + 401, "…")


@pytest.mark.parametrize("draft", DRAFTS)
def test_schemas_of_every_draft_are_understood(draft: str) -> None:
    assert problem({"$schema": draft, "properties": {"a": {"type": "integer"}}}, {"a": 1}) is None
    assert problem({"$schema": draft, "properties": {"a": {"type": "integer"}}}, {"a": "x"}) is not None


def test_a_schema_of_an_unknown_draft_is_read_as_one_of_the_latest() -> None:
    assert problem({"$schema": "https://x.example/mine", "$defs": {"a": {"const": 1}}, "$ref": "#/$defs/a"}, 1) is None


def test_references_within_the_schema_are_followed_however_deep_the_value() -> None:
    tree = {"$defs": {"n": {"type": "object", "additionalProperties": {"$ref": "#/$defs/n"}}}, "$ref": "#/$defs/n"}
    assert problem(tree, {"a": {"b": {}}}) is None
    assert problem(tree, {"a": {"b": 1}}) == "at $.a.b: 1 is not of type 'object'"


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "text"}, r"\$.type: 'text' is not valid"),
        ({"properties": []}, r"\$.properties: \[\] is not of type 'object'"),
        ({"items": {"required": "x"}}, r"\$.items.required"),
        ({"pattern": "("}, r"\$.pattern: '\(' is not a 'regex'"),
        ({"pattern": "(" * 5000 + ")" * 5000}, r"\$.pattern"),
        ({"pattern": "((a{1000}){1000}){1000}"}, r"\$.pattern"),
        ({"pattern": "a{99999999999999999999}"}, r"\$.pattern"),
        ({"patternProperties": {"[": {}}}, r"\$.patternProperties"),
        ({"$schema": 5}, "its \\$schema is no address"),
        ({"$schema": []}, r"\$schema"),  # Python 3.10 leaves it to the schema of schemas
        ({"$schema": "http://["}, "its \\$schema is no address"),
        ({"patternProperties": {}, "unevaluatedProperties": False}, "do not go together"),
    ],
)
def test_what_is_no_schema_is_refused_with_the_parameter(schema: object, why: str) -> None:
    with pytest.raises(BadRequest, match=f"^'text.format': this is no JSON Schema that can be used: .*{why}") as caught:
        SchemaCheck(schema, "text.format")
    assert caught.value.param == "text.format"
    assert len(caught.value.message) <= 1000


@pytest.mark.parametrize(("keyword", "depth"), [("items", 500), ("x", 1000), ("const", 100_000)])
def test_a_schema_that_is_nested_without_end_is_refused(keyword: str, depth: int) -> None:
    schema: dict[str, object] = {}
    for _ in range(depth):
        schema = {keyword: schema}
    with pytest.raises(BadRequest, match="nested too deeply"):
        SchemaCheck(schema, "text.format")


def test_references_in_a_part_with_an_address_of_its_own_are_of_that_part() -> None:
    part = {"$id": "https://x.example/part", "$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}}
    assert problem({"$defs": {"part": part}, "$ref": "https://x.example/part"}, 1) is None
    assert problem({"properties": {"a": part}}, {"a": "x"}) == "at $.a: 'x' is not of type 'integer'"
    assert problem({"properties": {"$id": {"$ref": "#"}, "$ref": {"type": "integer"}}}, {"$ref": 1}) is None


@pytest.mark.parametrize(
    "reference",
    [
        "http://127.0.0.1:1/schema", "https://x.example/y#/z", "file:///etc/passwd", "other", "#/$defs/none", "#none",
        "http://[", "%ZZ", "#/%ZZ",
    ],
)  # fmt: skip
def test_a_reference_that_leads_out_of_the_schema_is_refused_and_never_fetched(reference: str) -> None:
    with pytest.raises(BadRequest, match=r"its reference '.*' leads nowhere"):
        problem({"$ref": reference}, 1)


@pytest.mark.parametrize(
    "schema",
    [{"default": {"$ref": "#/none"}, "$ref": "#/default"}, {"allOf": [{"$id": "https://x.example/", "$ref": "y"}]}],
)
def test_a_reference_that_shows_only_in_use_is_refused_then(schema: dict[str, object]) -> None:
    with pytest.raises(BadRequest, match=r"its reference '.+' leads nowhere"):
        problem(schema, 1)


@pytest.mark.parametrize(
    ("unchecked", "value"),
    [
        (5, 1),
        ("x", 1),
        ([1], 1),
        (None, 1),
        ({"type": "text"}, 1),
        ({"minimum": "a"}, 1),
        ({"required": 5}, {}),
        ({"properties": [1]}, {}),
        ({"multipleOf": 0}, 1),
        ({"allOf": 5}, 1),
    ],
)
def test_a_reference_to_what_is_no_schema_is_refused_when_it_is_used(unchecked: object, value: object) -> None:
    with pytest.raises(BadRequest, match="it cannot be applied"):
        problem({"x": unchecked, "$ref": "#/x"}, value)


def test_a_pattern_that_is_hidden_behind_a_reference_is_refused_when_it_is_used() -> None:
    with pytest.raises(BadRequest, match="a pattern is no regular expression"):
        problem({"x": {"pattern": "("}, "$ref": "#/x"}, "a")


KEYWORDS = """
    type enum const properties required items prefixItems additionalProperties pattern not patternProperties
    propertyNames allOf anyOf oneOf if then else $ref $defs $id a $schema $anchor $dynamicRef $recursiveRef minimum
    multipleOf maxLength uniqueItems format contains minContains unevaluatedProperties unevaluatedItems dependentSchemas
    dependentRequired dependencies definitions extends disallow minProperties additionalItems
"""
keywords = st.sampled_from(KEYWORDS.split())
names = st.sampled_from(
    ["#", "#/$defs/a", "#/a", "a", "(", "^a", "http://[", "object", "string", "array", "regex", *DRAFTS]
)
scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | names | st.text(max_size=3)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keywords | names, inner, max_size=4)
)
schemas = st.dictionaries(keywords, anything, max_size=5)


@law
@given(schema=schemas, value=anything)
@example(schema={"$schema": DRAFTS[0], "type": "text"}, value=1)
@example(schema={"properties": {"a": {"$schema": "http://["}}}, value={"a": 1})
def test_any_json_is_a_schema_or_refused(schema: dict[str, object], value: object) -> None:
    try:
        told = problem(schema, value)
    except BadRequest as error:
        told = error.message
    assert told is None or isinstance(told, str)
