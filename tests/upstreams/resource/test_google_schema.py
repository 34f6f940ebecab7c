import json
from collections.abc import Callable
from time import process_time

import pytest

from argo_proxy.canonical.chat import JsonObject, Tool
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.simulator.strict.google_schema import check_parameters
from argo_proxy.upstreams.resource.google_schema import MAX_SCHEMAS, gemini_tool

TEXT = {"type": "string"}
ANY = {
    "anyOf": [
        {"type": "string"},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "object"},
        {"type": "array", "items": {"type": "string"}},
    ]
}
CAT = {"type": "object", "properties": {"lives": {"type": "integer"}}, "required": ["lives"], "description": "A cat."}
DOG = {"type": "object", "properties": {"barks": {"type": "boolean"}}}


def fitted(parameters: JsonObject | None, description: str | None = None) -> Tool:
    """The tool for Gemini, after a look at it by the simulator."""
    tool = gemini_tool(Tool("f", description, parameters))
    if tool.parameters is not None:
        check_parameters(tool.parameters, "parameters")
    return tool


def written(schema: object, **definitions: object) -> object:
    """What becomes of a schema that a property has."""
    parameters = fitted({"type": "object", "properties": {"a": schema}, "$defs": definitions}).parameters
    return parameters["properties"]["a"]


def note(left_out: object) -> str:
    return f"(JSON Schema: {json.dumps(left_out, separators=(',', ':'))})"


def noted(kind: str, left_out: object) -> JsonObject:
    return {"type": kind, "description": note(left_out)}


def nullable(schema: JsonObject) -> JsonObject:
    return {**schema, "nullable": True}


@pytest.mark.parametrize("parameters", [None, {}, {"type": "object"}, {"type": "object", "properties": {}},
                                        {"properties": []}, {"properties": None, "required": None},
                                        {"type": "object", "additionalProperties": False}])  # fmt: skip
def test_a_tool_without_arguments_has_no_parameters(parameters: JsonObject | None) -> None:
    assert fitted(parameters, "Go.") == Tool("f", "Go.", None)


def test_arguments_that_are_free_are_told_in_words() -> None:
    values = {"Value": {"type": "number"}}
    free = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Value"}, "$defs": values}
    assert fitted(free, "Go.") == Tool("f", f"Go. {note({'additionalProperties': {'type': 'number'}})}", None)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "title": "A", "description": "b", "default": None, "pattern": "x+", "minLength": 1,
         "maxLength": 9, "format": "date-time"},
        {"type": "integer", "minimum": 1, "maximum": 9, "format": "int64", "default": 3, "nullable": True},
        {"type": "number", "minimum": 0.5, "maximum": 1, "format": "double", "nullable": False},
        {"type": "boolean", "default": False},
        {"type": "array", "items": {"type": "string"}, "minItems": 0, "maxItems": 2},
        {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"], "minProperties": 1,
         "maxProperties": 2},
        {"type": "string", "enum": ["x", "y"]},
    ],
)  # fmt: skip
def test_what_gemini_knows_is_left_as_it_is(schema: JsonObject) -> None:
    assert written(schema) == schema


@pytest.mark.parametrize(
    "keyword",
    ["$schema", "$id", "$anchor", "$comment", "$defs", "definitions", "readOnly", "writeOnly", "deprecated",
     "examples", "example", "discriminator"],
)  # fmt: skip
def test_what_says_nothing_about_values_is_left_out(keyword: str) -> None:
    assert written({"type": "string", keyword: {"x": 1}}) == TEXT


@pytest.mark.parametrize(
    ("kind", "left_out"),
    [
        ("string", {"format": "date"}),
        ("string", {"contentEncoding": "base64"}),
        ("integer", {"multipleOf": 5}),
        ("number", {"not": {"const": 0}}),
        ("object", {"additionalProperties": {"type": "string"}}),
        ("object", {"patternProperties": {"^x": {"type": "string"}}}),
        ("object", {"propertyNames": {"pattern": "^x"}}),
        ("object", {"dependentRequired": {"a": ["b"]}}),
        ("object", {"if": {}, "then": {}, "else": False}),
        ("boolean", {"format": "flag"}),
        ("string", {"format": "double"}),
        ("string", {"format": []}),
        ("string", {"$ref": 5}),
    ],
)
def test_what_gemini_refuses_goes_into_words(kind: str, left_out: JsonObject) -> None:
    assert written({"type": kind, **left_out}) == noted(kind, left_out)
    assert written({"type": kind, "description": "Say.", **left_out}) == {
        "type": kind,
        "description": f"Say. {note(left_out)}",
    }


@pytest.mark.parametrize("closed", [True, False])
def test_whether_more_properties_are_allowed_is_not_told(closed: bool) -> None:
    assert written({"type": "object", "additionalProperties": closed}) == {"type": "object"}


@pytest.mark.parametrize(
    "nonsense",
    [{"title": 5}, {"description": ["x"]}, {"nullable": "yes"}, {"minLength": "3"}, {"maxLength": True},
     {"pattern": None}, {"minimum": 1}, {"items": TEXT}, {"exclusiveMinimum": 1}, {"propertyOrdering": ["a"]},
     {"properties": {"b": TEXT}}, {"enum": []}, {"enum": "x"}, {"anyOf": []}, {"oneOf": "x"}, {"allOf": 5}],
)  # fmt: skip
def test_a_keyword_that_makes_no_sense_for_a_string_is_left_out(nonsense: JsonObject) -> None:
    assert written({"type": "string", **nonsense}) == TEXT


@pytest.mark.parametrize(
    ("schema", "becomes"),
    [
        ({"type": "STRING"}, TEXT),
        ({"type": "any", "pattern": "x"}, {"type": "string", "pattern": "x"}),
        ({"properties": {"b": TEXT}}, {"type": "object", "properties": {"b": TEXT}}),
        ({"additionalProperties": True}, {"type": "object"}),
        ({"items": TEXT}, {"type": "array", "items": TEXT}),
        ({"maxLength": 3}, {"type": "string", "maxLength": 3}),
        ({"format": "date-time"}, {"type": "string", "format": "date-time"}),
        ({"minimum": 3}, {"type": "number", "minimum": 3}),
        ({"const": "x"}, {"type": "string", "enum": ["x"]}),
        ({"enum": [True, False]}, noted("boolean", {"enum": [True, False]})),
        ({"const": {"x": 1}}, noted("object", {"enum": [{"x": 1}]})),
    ],
)
def test_a_type_that_is_not_told_is_guessed(schema: JsonObject, becomes: JsonObject) -> None:
    assert written(schema) == becomes


@pytest.mark.parametrize("schema", [True, False, {}, None, [], "string", {"type": "any"}, {"title": "A"}, {"type": []},
                                    {"$ref": "#/$defs/Nothing"}])  # fmt: skip
def test_what_says_nothing_stands_for_any_value(schema: object) -> None:
    assert written(schema) == ANY


def test_what_is_said_about_any_value_is_said_about_each() -> None:
    told = {"description": f"Say. {note({'not': {}, 'enum': ['x', 1]})}"}
    assert written({"enum": ["x", 1], "description": "Say.", "not": {}}) == {
        "anyOf": [{**each, **told} for each in ANY["anyOf"]]
    }


@pytest.mark.parametrize(
    ("schema", "becomes"),
    [
        ({"type": "string", "const": "x"}, {"type": "string", "enum": ["x"]}),
        ({"type": "string", "enum": ["x", None]}, nullable({"type": "string", "enum": ["x"]})),
        ({"enum": ["x", None]}, nullable({"type": "string", "enum": ["x"]})),
        ({"type": "string", "enum": ["", "x"]}, noted("string", {"enum": ["", "x"]})),  # "enum[0]: cannot be empty"
        ({"type": "string", "enum": ["x", 1]}, noted("string", {"enum": ["x", 1]})),
        ({"type": "integer", "enum": [1, 2]}, noted("integer", {"enum": [1, 2]})),
        ({"type": "integer", "enum": [1, None]}, nullable(noted("integer", {"enum": [1, None]}))),
        ({"type": "string", "enum": [None]}, nullable({"type": "string", "description": note({"enum": [None]})})),
        ({"const": 1.5}, noted("number", {"enum": [1.5]})),
    ],
)
def test_only_strings_are_choices(schema: JsonObject, becomes: JsonObject) -> None:
    assert written(schema) == becomes


@pytest.mark.parametrize(
    "schema", [{"type": "null"}, {"const": None}, {"enum": [None]}, {"type": ["null"]}, {"anyOf": [{"type": "null"}]}]
)
def test_null_alone_is_told_in_words(schema: JsonObject) -> None:
    assert written(schema) == nullable(noted("string", {"type": "null"}))
    assert written({**schema, "description": "Not used."})["description"] == f"Not used. {note({'type': 'null'})}"


@pytest.mark.parametrize(
    ("schema", "becomes"),
    [
        ({"type": ["string", "null"], "format": "date"}, nullable(noted("string", {"format": "date"}))),
        ({"type": ["string", "integer"], "title": "A"},
         {"anyOf": [{"type": "string", "title": "A"}, {"type": "integer", "title": "A"}]}),
        ({"type": ["string", "integer", "null"], "enum": ["x", 1, None]},
         {"anyOf": [nullable({"type": "string", "enum": ["x"]}), nullable(noted("integer", {"enum": [1]}))]}),
        ({"type": ["array", "null"], "items": TEXT}, nullable({"type": "array", "items": TEXT})),
        ({"type": ["string"]}, TEXT),
        ({"anyOf": [TEXT, {"type": "null"}], "default": None, "title": "A"},
         nullable({"type": "string", "default": None, "title": "A"})),
        ({"anyOf": [TEXT, {"const": None}]}, nullable(TEXT)),
        ({"oneOf": [TEXT, {"type": "boolean"}]}, {"anyOf": [TEXT, {"type": "boolean"}]}),
        ({"anyOf": [TEXT]}, TEXT),
        ({"type": "object", "nullable": True, "properties": {"b": TEXT}},
         nullable({"type": "object", "properties": {"b": TEXT}})),
    ],
)  # fmt: skip
def test_alternatives_are_any_of_and_null_is_nullable(schema: JsonObject, becomes: JsonObject) -> None:
    assert written(schema) == becomes


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{}, {"type": "null"}]},
        {"anyOf": [{"anyOf": [True]}, {"type": "null"}]},
        {"type": ["any", "null"]},
    ],
)
def test_nothing_stands_beside_any_of_not_even_nullable(schema: JsonObject) -> None:
    """Google: "When using any_of, it must be the only field set"."""
    assert written(schema) == {"anyOf": [nullable(each) for each in ANY["anyOf"]]}


def test_alternatives_of_alternatives_are_all_in_one_list() -> None:
    assert written({"anyOf": [{"oneOf": [TEXT, {"type": "integer"}]}, {"type": "boolean"}]}) == {
        "anyOf": [TEXT, {"type": "integer"}, {"type": "boolean"}]
    }


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_what_stands_beside_alternatives_is_written_into_each(keyword: str) -> None:
    schema = {
        "type": "object",
        "description": "A pet.",
        "properties": {"name": TEXT},
        "required": ["name"],
        keyword: [{"$ref": "#/$defs/Cat"}, DOG, {"required": ["age"]}, True],
    }
    assert written(schema, Cat=CAT) == {
        "anyOf": [
            {"type": "object", "description": "A pet. A cat.",
             "properties": {"name": TEXT, "lives": {"type": "integer"}}, "required": ["name", "lives"]},
            {"type": "object", "description": "A pet.", "properties": {"barks": {"type": "boolean"}, "name": TEXT},
             "required": ["name"]},
            {"type": "object", "description": "A pet.", "properties": {"name": TEXT, "age": ANY},
             "required": ["age", "name"]},
            {"type": "object", "description": "A pet.", "properties": {"name": TEXT}, "required": ["name"]},
        ]
    }  # fmt: skip


def test_two_lists_of_alternatives_are_multiplied() -> None:
    schema = {"anyOf": [{"minLength": 1}, {"minLength": 2}], "oneOf": [{"maxLength": 8}, {"maxLength": 9}]}
    assert [(each["minLength"], each["maxLength"]) for each in written(schema)["anyOf"]] == [
        (1, 8), (1, 9), (2, 8), (2, 9),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "becomes"),
    [
        ({"allOf": [{"$ref": "#/$defs/Colour"}], "default": "r"}, {"type": "string", "enum": ["r"], "default": "r"}),
        ({"allOf": [CAT, DOG]},
         {**CAT, "properties": {**CAT["properties"], **DOG["properties"]}}),
        ({"allOf": [{"properties": {"k": TEXT}}, {"properties": {"k": {"const": "x"}}}]},
         {"type": "object", "properties": {"k": {"type": "string", "enum": ["x"]}}}),
        ({"allOf": [{"anyOf": [TEXT, {"type": "null"}]}], "maxLength": 3},
         nullable({"type": "string", "maxLength": 3})),
    ],
)  # fmt: skip
def test_all_of_is_written_out(schema: JsonObject, becomes: JsonObject) -> None:
    assert written(schema, Colour={"type": "string", "enum": ["r"]}) == becomes


@pytest.mark.parametrize(
    ("schema", "becomes"),
    [
        ({"type": "array"}, {"type": "array", "items": ANY}),
        ({"type": "array", "items": True}, {"type": "array", "items": ANY}),
        ({"type": "array", "prefixItems": [TEXT, {"type": "integer"}], "minItems": 2},
         {**noted("array", {"prefixItems": [TEXT, {"type": "integer"}]}), "minItems": 2,
          "items": {"anyOf": [TEXT, {"type": "integer"}]}}),
        ({"type": "array", "items": [TEXT]}, {**noted("array", {"prefixItems": [TEXT]}), "items": TEXT}),
        ({"type": "array", "items": []}, {**noted("array", {"prefixItems": []}), "items": ANY}),
        ({"type": "array", "items": TEXT, "uniqueItems": True},
         {**noted("array", {"uniqueItems": True}), "items": TEXT}),
        ({"type": "array", "prefixItems": [{"$ref": "#/$defs/Dog"}]},
         {**noted("array", {"prefixItems": [DOG]}), "items": DOG}),
    ],
)  # fmt: skip
def test_every_array_has_items_and_tuples_are_told_in_words(schema: JsonObject, becomes: JsonObject) -> None:
    assert written(schema, Dog=DOG) == becomes


@pytest.mark.parametrize(
    ("kind", "bounds", "becomes"),
    [
        ("integer", {"exclusiveMinimum": 0, "exclusiveMaximum": 9}, {"minimum": 1, "maximum": 8}),
        ("integer", {"minimum": 0, "exclusiveMinimum": True}, {"minimum": 1}),
        ("integer", {"maximum": 9, "exclusiveMaximum": True}, {"maximum": 8}),
        ("integer", {"minimum": 5, "exclusiveMinimum": 0}, {"minimum": 5}),
        ("integer", {"maximum": 5, "exclusiveMaximum": 9}, {"maximum": 5}),
        ("integer", {"minimum": 0, "exclusiveMinimum": False}, {"minimum": 0}),
        ("integer", {"exclusiveMinimum": True}, {}),
        ("integer", {"exclusiveMinimum": "0"}, {}),
        ("integer", {"exclusiveMinimum": 0.5}, {"minimum": 0.5, "description": note({"exclusiveMinimum": 0.5})}),
        ("number", {"exclusiveMinimum": 0}, {"minimum": 0, "description": note({"exclusiveMinimum": 0})}),
        ("number", {"maximum": 1, "exclusiveMaximum": True},
         {"maximum": 1, "description": note({"exclusiveMaximum": 1})}),
        ("integer", {"maximum": 10**30}, {"maximum": 10**30}),
    ],
)  # fmt: skip
def test_exclusive_bounds_of_both_drafts_become_inclusive(kind: str, bounds: JsonObject, becomes: JsonObject) -> None:
    assert written({"type": kind, **bounds}) == {"type": kind, **becomes}


@pytest.mark.parametrize(
    ("required", "becomes"),
    [
        (["b", "c", "b"], {"properties": {"b": TEXT, "c": ANY}, "required": ["b", "c"]}),
        ([], {"properties": {"b": TEXT}}),
        (None, {"properties": {"b": TEXT}}),
        (True, {"properties": {"b": TEXT}}),
        ([1], {"properties": {"b": TEXT}}),
    ],
)
def test_what_is_required_is_declared(required: object, becomes: JsonObject) -> None:
    schema = {"type": "object", "properties": {"b": TEXT}, "required": required}
    assert written(schema) == {"type": "object", **becomes}
    assert fitted(schema).parameters == {"type": "object", **becomes}


def test_a_tool_that_only_says_what_it_requires_takes_any_values() -> None:
    assert fitted({"required": ["b"]}).parameters == {"type": "object", "properties": {"b": ANY}, "required": ["b"]}


def test_a_list_and_an_object_that_are_no_schema_are_no_properties() -> None:
    assert written({"type": "object", "properties": ["b"]}) == {"type": "object"}


def test_notes_have_their_references_written_out() -> None:
    """The definitions are not sent, so a reference in a note would lead nowhere."""
    schema = {"type": "object", "additionalProperties": {"type": "array", "items": {"$ref": "#/$defs/Dog"}}}
    assert written(schema, Dog=DOG) == noted("object", {"additionalProperties": {"type": "array", "items": DOG}})


def test_the_note_about_a_union_at_the_top_has_its_references_written_out() -> None:
    union = {"$defs": {"Cat": CAT, "Dog": DOG}, "anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]}
    tool = fitted(union, "Pet it.")
    assert tool.description == f"Pet it. {note({'anyOf': [CAT, DOG]})}"
    assert tool.parameters == {
        "type": "object",
        "properties": {"lives": {"type": "integer"}, "barks": {"type": "boolean"}},
    }


def test_a_schema_that_contains_itself_is_written_out_twice() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
    again = {"type": "object", "description": "again as Node above"}
    once = {"type": "object", "properties": {"next": again}}
    assert written({"$ref": "#/$defs/Node"}, Node=node) == {"type": "object", "properties": {"next": once}}


@pytest.mark.parametrize(
    ("tree", "again"),
    [
        ({"type": "array", "items": {"$ref": "#/$defs/Tree"}}, ANY),
        ({"anyOf": [{"type": "object", "properties": {"below": {"$ref": "#/$defs/Tree"}}}, TEXT]}, ANY),
        ({"type": "object", "properties": {"below": {"$ref": "#/$defs/Tree"}}}, {"anyOf": [{"type": "object"}]}),
    ],
)
def test_where_writing_out_ends_the_type_is_still_right(tree: JsonObject, again: JsonObject) -> None:
    innermost = json.dumps(written({"$ref": "#/$defs/Tree"}, Tree=tree))
    for each in again["anyOf"]:
        assert json.dumps({**each, "description": "again as Tree above"}) in innermost


@pytest.mark.parametrize("keyword", ["anyOf", "allOf", "oneOf", "items", "not"])
def test_references_in_circles_end(keyword: str) -> None:
    circle = {"$ref": "#/$defs/Circle"}
    written({"type": "array", **circle}, Circle={keyword: circle if keyword in ("items", "not") else [circle]})
    written(circle, Circle=circle)
    fitted({"properties": {"a": {"$ref": "#"}}, "not": {"$ref": "#"}})


def test_what_refers_to_the_whole_says_so() -> None:
    assert "again as the whole above" in json.dumps(fitted({"properties": {"a": {"$ref": "#"}}}).parameters)


def doubling(levels: int) -> JsonObject:
    """The "billion laughs": every level refers to the next one twice."""
    twice = {
        f"L{at}": {"type": "object", "properties": {side: {"$ref": f"#/$defs/L{at + 1}"} for side in "ab"}}
        for at in range(levels)
    }
    return {"type": "object", "properties": {"a": {"$ref": "#/$defs/L0"}}, "$defs": {**twice, f"L{levels}": TEXT}}


def test_references_that_double_at_every_level_end_quickly_and_far_below_their_size() -> None:
    started = process_time()
    sent = json.dumps(fitted(doubling(60)).parameters)
    assert process_time() - started < 2
    assert sent.count("{") < 2 * MAX_SCHEMAS
    assert '{"type": "object", "description": "L8"}' in sent


def test_references_to_many_kinds_that_contain_each_other_are_cut_not_refused() -> None:
    """A filter language: And, Or and Not of each other, as people write it with pydantic."""
    names = ("And", "Or", "Xor", "Not", "Equal", "Less")
    expression = {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in names]}
    node = {"type": "object", "properties": {"left": expression, "right": expression}}
    schema = {"properties": {"filter": expression}, "$defs": dict.fromkeys(names, node)}
    started = process_time()
    outer = fitted(schema).parameters["properties"]["filter"]["anyOf"][-1]
    inner = outer["properties"]["left"]["anyOf"]
    assert process_time() - started < 1
    assert inner[0]["properties"]["left"]["anyOf"][0] == {"type": "object", "description": "again as And above"}
    assert inner[0]["properties"]["left"]["anyOf"][1] == {"type": "object", "description": "Or"}


@pytest.mark.parametrize(
    "of", [lambda names: {"properties": dict.fromkeys(names, TEXT)}, lambda names: {"required": names}]
)
def test_a_schema_that_is_too_large_in_itself_is_refused(of: Callable[[list[str]], JsonObject]) -> None:
    names = [f"p{at}" for at in range(MAX_SCHEMAS)]
    fitted(of(names[:-10]))
    with pytest.raises(BadRequest, match=f"tool 'f': its schema has more than {MAX_SCHEMAS} parts") as caught:
        fitted(of(names))
    assert caught.value.param == "tools"


def test_a_schema_that_is_nested_too_deeply_is_refused() -> None:
    schema: JsonObject = TEXT
    for _ in range(900):
        schema = {"type": "object", "properties": {"a": schema}}
    with pytest.raises(BadRequest, match="tool 'f': its schema is nested too deeply"):
        fitted(schema)


def test_no_argument_is_edited() -> None:
    schema = {
        "properties": {
            "a": {"$ref": "#/$defs/Cat"},
            "b": {"type": ["number", "null"], "exclusiveMinimum": 0},
            "c": {"format": "x"},
        },
        "$defs": {"Cat": CAT},
        "required": ["a", "d"],
    }  # fmt: skip
    before = json.dumps(schema)
    fitted(schema)
    assert json.dumps(schema) == before
