import pytest

from tests.simulator.asking import SCHEMA, refusal


def tool(name="search", **more):
    return {"type": "function", "function": {"name": name, "parameters": SCHEMA, **more}}


def choosing(choice):
    return {"tools": [tool()], "tool_choice": choice}


def taking(**parameters):
    return {"tools": [tool(), tool("x", parameters={"type": "object", **parameters})]}


def strictly(schema):
    return {"tools": [tool(strict=True, parameters=schema)]}


def closed(*required, **properties):
    """An object as `strict` wants it."""
    required = required or list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


NAMED = {"type": "function", "function": {"name": "search"}}
TEXT = {"type": "string"}
CLOSED = closed(a=TEXT, b=TEXT)
OPEN = CLOSED | {"additionalProperties": True}

ACCEPTED = [
    {"tools": [tool(), tool("other", strict=False, description="d"), {"type": "function", "function": {"name": "x"}}]},
    {"tools": [tool(f"tool_{n}") for n in range(128)]},
    choosing("auto"),
    choosing("none"),
    choosing("required"),
    choosing(NAMED),
    taking(properties={}),
    taking(properties={"a": {"anyOf": [TEXT, {"enum": [1]}]}, "oneOf": {"not": TEXT}}),
    strictly(CLOSED),
    strictly(closed()),
    strictly(closed(a=CLOSED, b={"type": "array", "items": CLOSED}, c={"anyOf": [TEXT, CLOSED]})),
    strictly(CLOSED | {"$defs": {"d": CLOSED}}),
    strictly(closed(properties=TEXT, a={"type": "string", "enum": ["x"]})),
]
REFUSED = [
    ({"tools": [{"name": "x", "input_schema": SCHEMA}]}, "unknown key"),
    ({"tools": [tool("a.b")]}, "does not match"),
    ({"tools": [tool("a" * 65)]}, "does not match"),
    ({"tools": [tool(strict="yes")]}, "tools.function.strict"),
    ({"tools": [tool(f"tool_{n}") for n in range(129)]}, "maximum length 128, but got an array with length 129"),
    ({"tools": [tool(), tool()]}, "unique"),
    ({"tools": [tool(parameters={})]}, "type 'object'"),
    ({"tools": [tool(parameters=None)]}, "type 'object'"),
    ({"tools": [tool(parameters={"type": "OBJECT", "properties": {}})]}, "type 'object'"),
    (taking(), "Invalid schema for function 'x': In context=(), object schema missing properties."),
    (taking(), "tools[1].function.parameters"),
    (taking(properties=[]), "object schema missing properties"),
    (taking(properties={}, oneOf=[SCHEMA]), "at the top level"),
    (taking(properties={}, anyOf=[SCHEMA]), "at the top level"),
    (taking(properties={}, allOf=[SCHEMA]), "at the top level"),
    (taking(properties={}, enum=[{}]), "at the top level"),
    (taking(**{"properties": {}, "not": {}}), "at the top level"),
    (strictly(SCHEMA), "In context=(), 'additionalProperties' is required to be supplied and to be false"),
    (strictly(OPEN), "'additionalProperties' is required"),
    (strictly(closed(a=OPEN)), "In context=('properties', 'a'), 'additionalProperties'"),
    (strictly(closed(a={"type": "array", "items": OPEN})), "In context=('properties', 'a', 'items')"),
    (strictly(closed(a={"anyOf": [TEXT, OPEN]})), "In context=('properties', 'a', 'anyOf', '1')"),
    (strictly(CLOSED | {"$defs": {"d": OPEN}}), "In context=('$defs', 'd')"),
    (strictly(closed(a={"type": ["object", "null"]})), "In context=('properties', 'a')"),
    (strictly(closed("a", a=TEXT, b=TEXT)), "Missing 'b'"),
    (strictly(CLOSED | {"required": "ab"}), "Missing 'a'"),
    (choosing("any"), "tool_choice"),
    (choosing({"type": "any"}), "tool_choice"),
    (choosing({"type": "function", "function": {"name": "x"}}), "not in tools"),
]


@pytest.mark.parametrize("more", ACCEPTED)
def test_openai_accepts_tools(more):
    assert refusal("gpt41", **more) is None


@pytest.mark.parametrize(("more", "reason"), REFUSED)
def test_openai_refuses_tools(more, reason):
    status, text = refusal("gpt41", **more)
    assert status == 400
    assert reason in text


@pytest.mark.parametrize("model", ["gpto1preview", "gpto1mini"])
def test_a_preview_takes_no_tools(model):
    status, text = refusal(model, tools=[tool()])
    assert status == 400
    assert "tools is not supported" in text
