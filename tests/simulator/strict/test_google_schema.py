import ast
import json

import pytest

from argo_proxy.simulator.strict.google_schema import check_parameters
from argo_proxy.simulator.strict.refusals import Refused

WHERE = "tools[0].function_declarations[0].parameters"
TEXT = {"type": "string"}


def taking(a, **more):
    return {"type": "object", "properties": {"a": a}, **more}


def listing(items):
    return {"type": "array", "items": items}


EVERYTHING = {
    "words": TEXT
    | {"title": "t", "description": "d", "pattern": "x", "minLength": 1, "maxLength": 2, "nullable": True},
    "pick": TEXT | {"format": "enum", "enum": ["const"], "default": "const", "example": {"const": 1}},
    "day": TEXT | {"format": "date-time"},
    "number": {"type": "number", "format": "float", "minimum": 0, "maximum": 1},
    "whole": {"type": "INTEGER", "format": "int64"},
    "flag": {"type": "Boolean"},
    "list": listing(TEXT) | {"minItems": 0, "maxItems": 2},
    "thing": {"type": "object", "minProperties": 0, "maxProperties": 3},
    "either": {"anyOf": [TEXT, {"type": "integer"}]},
}

ACCEPTED = [
    {"type": "object", "properties": EVERYTHING, "required": ["words", "pick"], "propertyOrdering": ["day"]},
    {"type": "OBJECT", "properties": {"$ref": TEXT, "const": TEXT, "type": TEXT, "enum": TEXT}},
    taking(TEXT | {"default": {"$schema": "x"}, "example": [{"oneOf": []}]}),
]
KEYWORDS = [
    "$schema",
    "$ref",
    "$defs",
    "const",
    "oneOf",
    "allOf",
    "not",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "patternProperties",
    "additionalProperties",
    "uniqueItems",
    "examples",
    "strict",
]
REFUSED = [
    (None, "Invalid value at 'tools[0].function_declarations[0].parameters': None"),
    (TEXT, f"{WHERE} schema should be of type OBJECT"),
    ({"anyOf": [taking(TEXT)]}, "should be of type OBJECT"),
    ({"type": "object"}, f"{WHERE}.properties: should be non-empty for OBJECT type"),
    ({"type": "object", "properties": {}}, "should be non-empty for OBJECT type"),
    ({"type": "object", "properties": []}, f"Invalid value at '{WHERE}.properties': []"),
    (taking("string"), f"Invalid value at '{WHERE}.properties.a': 'string'"),
    (taking({}), f"{WHERE}.properties.a: schema didn't specify the schema type field"),
    (taking({"enum": ["x"]}), "schema didn't specify the schema type field"),
    (taking(listing({"description": "d"})), f"{WHERE}.properties.a.items: schema didn't specify"),
    (taking({"type": ["string", "null"]}), "Proto field is not repeating, cannot start list."),
    (taking({"type": "null"}), f"Invalid value at '{WHERE}.properties.a.type': 'null'"),
    (taking({"type": None}), f"Invalid value at '{WHERE}.properties.a.type': None"),
    (taking({"anyOf": [{"type": "null"}]}), f"Invalid value at '{WHERE}.properties.a.anyOf.0.type'"),
    (taking({"anyOf": []}), f"Invalid value at '{WHERE}.properties.a.anyOf': []"),
    (taking({"anyOf": [True]}), "Invalid value"),
    (taking({"type": "array"}), f"{WHERE}.properties.a.items: missing field."),
    (taking(listing(True)), f"Invalid value at '{WHERE}.properties.a.items': True"),
    (taking(listing([TEXT])), "Invalid value"),
    (taking({"type": "integer", "enum": [1]}), f"{WHERE}.properties.a.enum: only allowed for STRING type"),
    (taking({"type": "integer", "enum": ["1"]}), "only allowed for STRING type"),
    (taking(TEXT | {"enum": ["x", None]}), f"Invalid value at '{WHERE}.properties.a.enum': ['x', None]"),
    (taking(TEXT | {"enum": "x"}), "Invalid value"),
    (taking(TEXT, required=["a", "b"]), f"{WHERE}.required[1]: property is not defined"),
    (taking(TEXT, required="a"), f"Invalid value at '{WHERE}.required': 'a'"),
    (taking({"type": "object", "required": ["a"]}), f"{WHERE}.properties.a.required[0]: property is not defined"),
    (taking(TEXT | {"format": "uri"}), "format: only 'enum' and 'date-time' are supported for STRING type"),
    (taking({"type": "number", "format": "int32"}), "only 'float' and 'double' are supported for NUMBER type"),
    (taking({"type": "integer", "format": "uint8"}), "only 'int32' and 'int64' are supported for INTEGER type"),
    (taking({"type": "boolean", "format": "float"}), "only none are supported for BOOLEAN type"),
]


def refusal(parameters):
    """Gemini's own message, out of the gateway's."""
    with pytest.raises(Refused) as caught:
        check_parameters(parameters, WHERE)
    _, _, inner = json.loads(str(caught.value))["error"]["message"].partition(". ")
    return ast.literal_eval(inner)["error"]["message"]


@pytest.mark.parametrize("parameters", ACCEPTED)
def test_gemini_takes_a_schema_of_its_own_proto(parameters):
    check_parameters(parameters, WHERE)


@pytest.mark.parametrize(("parameters", "message"), REFUSED)
def test_gemini_takes_no_other_schema(parameters, message):
    assert message in refusal(parameters)


@pytest.mark.parametrize("keyword", KEYWORDS)
@pytest.mark.parametrize(
    ("parameters", "below"),
    [
        (lambda odd: taking(TEXT, **odd), ""),
        (lambda odd: taking(TEXT | odd), ".properties.a"),
        (lambda odd: taking(listing(TEXT | odd)), ".properties.a.items"),
        (lambda odd: taking({"anyOf": [TEXT, TEXT | odd]}), ".properties.a.anyOf.1"),
        (lambda odd: taking(taking(TEXT | odd)), ".properties.a.properties.a"),
    ],
)
def test_a_keyword_that_the_proto_lacks_is_refused_at_every_depth(keyword, parameters, below):
    unknown = f"Unknown name \"{keyword}\" at '{WHERE}{below}': Cannot find field."
    assert refusal(parameters({keyword: {}})) == f"Invalid JSON payload received. {unknown}"
