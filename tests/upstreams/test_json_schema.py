import json
from time import process_time

import pytest

from argo_proxy.canonical.chat import JsonObject, Tool
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.upstreams.json_schema import conjoined, joined, merged_object, object_tool, resolved, with_note

CAT = {"type": "object", "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
       "required": ["kind", "lives"]}  # fmt: skip
DOG = {"type": "object", "properties": {"kind": {"const": "dog"}, "barks": {"type": "boolean"}}, "required": ["kind"]}
A_OR_B = {"anyOf": [{"const": "cat"}, {"const": "dog"}]}


def fitted(parameters: JsonObject | None, description: str | None = None) -> Tool:
    return object_tool(Tool("f", description, parameters))


def noted(tool: Tool) -> object:
    """What the description says in JSON Schema."""
    assert tool.description
    return json.loads(tool.description.partition("(JSON Schema: ")[2][:-1])


@pytest.mark.parametrize("parameters", [None, {}])
def test_a_tool_without_parameters_takes_none(parameters: JsonObject | None) -> None:
    assert fitted(parameters, "Go.") == Tool("f", "Go.", None)


def test_a_plain_schema_is_left_as_it_is() -> None:
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "title": "F", "properties": {},
              "required": [], "additionalProperties": False, "$defs": {"A": {"type": "string"}}}  # fmt: skip
    assert object_tool(Tool("f", "Go.", schema, strict=True)) == Tool("f", "Go.", schema, strict=True)


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {}}},
        {"type": ["object", "null"], "properties": {"a": {}}},
        {"type": ["null", "object"], "properties": {"a": {}}, "required": None},
        {"type": "object", "properties": {"a": {}}, "required": True},
    ],
)
def test_a_type_that_may_be_an_object_is_one(schema: JsonObject) -> None:
    assert fitted(schema).parameters == {"type": "object", "properties": {"a": {}}}


@pytest.mark.parametrize("schema", [{"type": "object"}, {"properties": []}, {"properties": None, "required": None}])
def test_missing_properties_are_none(schema: JsonObject) -> None:
    assert fitted(schema).parameters == {"type": "object", "properties": {}}


@pytest.mark.parametrize("kind", ["string", "array", "OBJECT", "", None, ["string", "null"], [], 5, {}])
def test_arguments_that_are_no_object_are_refused(kind: object) -> None:
    with pytest.raises(BadRequest, match="tool 'f': its parameters must be a JSON Schema of type object") as caught:
        fitted({"type": kind})
    assert caught.value.param == "tools"


def test_a_recursive_model_of_pydantic_is_opened_at_the_top_and_keeps_its_definitions() -> None:
    node = {"properties": {"next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}}, "type": "object"}
    assert fitted({"$defs": {"Node": node}, "$ref": "#/$defs/Node"}) == Tool(
        "f", None, {"$defs": {"Node": node}, **node}
    )


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_a_discriminated_union_becomes_one_object_that_requires_what_all_its_members_require(keyword: str) -> None:
    union = {keyword: [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]}
    tool = fitted({"$defs": {"Cat": CAT, "Dog": DOG}, **union}, "Pet it.")
    assert tool.parameters == {
        "$defs": {"Cat": CAT, "Dog": DOG},
        "type": "object",
        "properties": {"kind": A_OR_B, "lives": {"type": "integer"}, "barks": {"type": "boolean"}},
        "required": ["kind"],
    }
    assert (tool.description or "").startswith("Pet it. (JSON Schema: ")
    assert noted(tool) == union


def test_all_of_becomes_one_object_that_requires_what_any_of_its_members_requires() -> None:
    base = {"type": "object", "properties": {"id": {"type": "string"}, "kind": {"type": "string"}}, "required": ["id"]}
    tool = fitted({"definitions": {"Base": base}, "allOf": [{"$ref": "#/definitions/Base"}, DOG]})
    assert tool.parameters == {
        "definitions": {"Base": base},
        "type": "object",
        "properties": {"id": {"type": "string"}, "kind": {"allOf": [{"type": "string"}, {"const": "dog"}]},
                       "barks": {"type": "boolean"}},
        "required": ["id", "kind"],
    }  # fmt: skip


def test_own_properties_stand_before_those_of_the_alternatives() -> None:
    schema = {"properties": {"a": {"type": "string"}}, "required": ["a"],
              "anyOf": [{"properties": {"a": {"const": "x"}}}, {"required": ["b"]}]}  # fmt: skip
    tool = fitted(schema)
    assert tool.parameters == {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert noted(tool) == {"anyOf": schema["anyOf"]}


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("not", {"required": ["a"]}),
        ("enum", [{"a": 1}]),
        ("const", {"a": 1}),
        ("if", {"required": ["a"]}),
        ("then", {"required": ["b"]}),
        ("else", False),
        ("anyOf", "nonsense"),
    ],
)
def test_what_may_not_stand_at_the_top_goes_into_words(keyword: str, value: object) -> None:
    tool = fitted({"properties": {"a": {}}, keyword: value})
    assert tool.parameters == {"type": "object", "properties": {"a": {}}}
    assert noted(tool) == {keyword: value}


@pytest.mark.parametrize("free", [True, False, None, "x"])
def test_an_alternative_that_is_no_schema_requires_nothing(free: object) -> None:
    assert fitted({"anyOf": [{"required": ["a"]}, free]}).parameters == {"type": "object", "properties": {}}


def test_a_member_of_two_unions_counts_in_both() -> None:
    """Round is a Circle or an Ellipse; a Circle requires `r`, but nothing else does."""
    schemas = {
        "Round": {"anyOf": [{"$ref": "#/$defs/Circle"}, {"$ref": "#/$defs/Ellipse"}]},
        "Circle": {"properties": {"r": {}, "at": {}}, "required": ["at"]},
        "Ellipse": {"properties": {"a": {}, "at": {}}, "required": ["a", "at"]},
        "Square": {"properties": {"a": {}, "at": {}}, "required": ["a", "at"]},
    }
    union = [{"$ref": f"#/$defs/{name}"} for name in ("Round", "Square", "Circle")]
    merged = merged_object({"anyOf": union}, {"$defs": schemas})
    assert (set(merged["properties"]), merged["required"]) == ({"r", "at", "a"}, ["at"])


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_references_in_circles_end(keyword: str) -> None:
    circle = {"A": {keyword: [{"$ref": "#/$defs/B"}]}, "B": {keyword: [{"$ref": "#/$defs/A"}, DOG]}}
    tool = fitted({"$defs": circle, "$ref": "#/$defs/A"})
    assert set(tool.parameters["properties"]) == {"kind", "barks"}


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_a_schema_that_refers_to_nothing_but_itself_says_nothing(keyword: str) -> None:
    assert fitted({"$ref": "#"}).parameters == {"type": "object", "properties": {}}
    assert fitted({keyword: [{"$ref": "#"}]}).parameters == {"type": "object", "properties": {}}


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_references_that_double_at_every_level_end_quickly(keyword: str) -> None:
    doubling = {f"L{at}": {keyword: [{"$ref": f"#/$defs/L{at + 1}"}] * 2} for at in range(60)}
    started = process_time()
    tool = fitted({"$defs": {**doubling, "L60": DOG}, "$ref": "#/$defs/L0"})
    assert process_time() - started < 1
    assert set(tool.parameters["properties"]) == {"kind", "barks"}


@pytest.mark.parametrize(
    "members",
    [
        [{"properties": {f"p{at}": {}}, "required": [f"p{at}"]} for at in range(3000)],
        [{"properties": {"kind": {"const": at}}, "required": ["kind"]} for at in range(3000)],
        [{"$ref": f"#/$defs/R{at}"} for at in range(3000)],
    ],
)
def test_a_union_of_thousands_is_merged_quickly(members: list[JsonObject]) -> None:
    definitions = {f"R{at}": {"$ref": "#/$defs/Big"} for at in range(3000)}
    big = {"properties": {f"q{at}": {} for at in range(3000)}}
    started = process_time()
    fitted({"oneOf": members, "$defs": {**definitions, "Big": big}})
    assert process_time() - started < 3


def nested(keyword: str, depth: int) -> JsonObject:
    schema: JsonObject = DOG
    for _ in range(depth):
        schema = {keyword: [schema]}
    return schema


def test_a_schema_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(BadRequest, match="tool 'f': its schema is nested too deeply") as caught:
        fitted(nested("allOf", 2000))
    assert caught.value.param == "tools"
    assert set(fitted(nested("allOf", 20)).parameters["properties"]) == {"kind", "barks"}


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("#/$defs/Dog", {"a": 1}),
        ("#/$defs/a~1b", {"a": 2}),
        ("#/$defs/a~0b", {"a": 3}),
        ("#/$defs/List%5Bint%5D", {"a": 4}),
        ("#/oneOf/1/items", {"a": 5}),  # as zod-to-json-schema names what it has written before
        ("#/$defs/Alias", {"a": 1}),
        ("#/oneOf/2", {}),
        ("#/oneOf/x", {}),
        ("#/$defs/Nothing", {}),
        ("#/title", {}),
        ("#/title/x", {}),
        ("#anchor", {}),
        ("Dog", {}),
        ("https://x.example/dog.json#/$defs/Dog", {}),
        ("", {}),
    ],
)
def test_a_reference_leads_to_what_its_pointer_names(reference: str, found: JsonObject) -> None:
    root = {
        "title": "T",
        "oneOf": [{}, {"items": {"a": 5}}],
        "$defs": {
            "Dog": {"a": 1}, "a/b": {"a": 2}, "a~b": {"a": 3}, "List[int]": {"a": 4}, "Alias": {"$ref": "#/$defs/Dog"},
        },
    }  # fmt: skip
    assert resolved({"$ref": reference, "beside": 6}, root) == {**found, "beside": 6}


def test_what_is_no_reference_is_left_alone() -> None:
    assert resolved({"$ref": {"type": "string"}}, {}) == {"$ref": {"type": "string"}}


@pytest.mark.parametrize("size", [1, 2, 40])
def test_a_circle_of_references_alone_leads_nowhere(size: int) -> None:
    circle = {str(at): {"$ref": f"#/{(at + 1) % size}"} for at in range(size)}
    assert "$ref" not in resolved({"$ref": "#/0"}, circle)


def test_what_stands_beside_a_reference_adds_to_it() -> None:
    beside = {"$ref": "#/$defs/Dog", "properties": {"name": {}}, "required": ["name"], "description": "The pet."}
    assert resolved(beside, {"$defs": {"Dog": {**DOG, "description": "A dog."}}}) == {
        "type": "object",
        "properties": {"name": {}, **DOG["properties"]},
        "required": ["name", "kind"],
        "description": "The pet. A dog.",
    }


def test_joined_schemas_say_what_all_of_them_say() -> None:
    assert joined([{"type": "integer", "minimum": 1}, {"type": "number", "maximum": 9}]) == {
        "type": "integer", "minimum": 1, "maximum": 9,
    }  # fmt: skip
    assert joined([{"description": "a"}, {"description": ""}, {"description": 5}, {"description": "a"}]) == {
        "description": "a"
    }
    assert joined([]) == {}


def test_the_all_of_of_an_older_pydantic_is_written_out() -> None:
    colour = {"enum": ["red", "blue"], "title": "Colour", "type": "string"}
    field = {"allOf": [{"$ref": "#/$defs/Colour"}], "default": "red"}
    assert conjoined(field, {"$defs": {"Colour": colour}}) == {**colour, "default": "red"}
    assert conjoined(colour, {}) is colour


@pytest.mark.parametrize(
    ("description", "left_out", "told"),
    [
        (None, {}, None),
        ("", {}, None),
        ("Go.", {}, "Go."),
        (None, {"not": {}}, '(JSON Schema: {"not":{}})'),
        ("Go.", {"enum": ["é", None, 10**30]}, f'Go. (JSON Schema: {{"enum":["é",null,{10**30}]}})'),
    ],
)
def test_a_note_is_json_behind_the_description(description: str | None, left_out: object, told: str | None) -> None:
    assert with_note(description, left_out) == told


def test_no_argument_is_edited() -> None:
    schema = {"$defs": {"Cat": CAT, "Dog": DOG}, "allOf": [DOG], "oneOf": [{"$ref": "#/$defs/Cat"}], "required": None}
    before = json.dumps(schema)
    fitted(schema)
    assert json.dumps(schema) == before
