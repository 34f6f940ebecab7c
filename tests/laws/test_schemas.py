"""Laws of tools: whatever JSON Schema a client sends, its provider takes what becomes of it, or the client is told."""

import json
from collections.abc import Callable
from time import process_time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from argo_proxy.canonical.chat import ChatRequest, Message, Text, Tool
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.simulator.models import MODELS
from argo_proxy.simulator.strict import check_chat
from argo_proxy.simulator.strict.ask import Ask, read_turns
from argo_proxy.simulator.strict.body import read_chat
from argo_proxy.simulator.strict.google_schema import KEYWORDS, check_parameters
from argo_proxy.upstreams import UPSTREAMS
from argo_proxy.upstreams.json_schema import object_tool
from argo_proxy.upstreams.resource.google_schema import gemini_tool
from tests.known import card
from tests.laws.strategies import law, text

Json = dict[str, Any]

TYPES = ["string", "number", "integer", "boolean", "array", "object", "null"]
names = st.sampled_from(["a", "b", "c", "$ref", "type", "properties"])
references = st.sampled_from(
    ["#", "#/$defs/A", "#/$defs/B", "#/$defs/C", "#/definitions/A", "#/properties/a", "#/anyOf/0", "#/none", "#A", "x"]
)  # fmt: skip
scalars = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | text
)
kinds = st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), max_size=3)
nonsense = scalars | st.sampled_from([[], {}, ["x"], {"x": 1}, [[]], [{}], "OBJECT", "any"])
numbers = st.integers(-3, 9) | st.floats(-1, 1) | st.booleans()


def keywords(inner: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    """Every keyword with what it should have."""
    named, listed = st.dictionaries(names, inner, max_size=3), st.lists(inner, max_size=3)
    values = st.lists(scalars | st.sampled_from(["x", ""]), max_size=3)
    return {
        "type": kinds, "properties": named, "required": st.lists(names, max_size=3), "items": inner | listed,
        "prefixItems": listed, "anyOf": listed, "oneOf": listed, "allOf": listed, "not": inner, "if": inner,
        "additionalProperties": inner, "patternProperties": named, "$defs": named, "enum": values, "const": scalars,
        "$ref": references, "format": st.sampled_from(["date", "date-time", "int32", "double", "enum"]),
        "title": text, "description": text, "default": scalars, "nullable": st.booleans(), "pattern": text,
        "minLength": st.integers(0, 3), "maxItems": st.integers(0, 3), "minimum": numbers, "maximum": numbers,
        "exclusiveMinimum": numbers, "exclusiveMaximum": numbers, "uniqueItems": st.booleans(), "$schema": text,
        "propertyOrdering": st.lists(names, max_size=2), "discriminator": st.just({"propertyName": "a"}), "x-": scalars,
    }  # fmt: skip


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """Objects of a few keywords, each of them in one case of ten with something else than it should have."""

    def of(chosen: list[str]) -> st.SearchStrategy[Json]:
        wrong = st.integers(0, 9).flatmap
        return st.fixed_dictionaries({
            key: wrong(lambda die, key=key: nonsense if die == 0 else known[key]) for key in chosen
        })  # fmt: skip

    known = keywords(inner)
    return st.lists(st.sampled_from(sorted(known)), max_size=5, unique=True).flatmap(of)


schemas = st.recursive(st.booleans() | objects(st.booleans()) | nonsense, objects, max_leaves=12)
definitions = st.fixed_dictionaries(dict.fromkeys("ABC", schemas))
parameters = st.builds(
    lambda schema, defined: {**schema, **defined},
    objects(schemas),
    definitions.map(lambda defined: {"$defs": defined, "definitions": defined}) | st.just({}),
)
arguments = parameters | st.builds(lambda schema: {**schema, "type": "object"}, parameters)


@law
@given(schema=arguments)
@example(schema={"properties": {"a": {"anyOf": [{}, {"type": "null"}]}}})
@example(schema={"properties": {"a": {"type": "null", "$ref": "#"}}, "required": ["type", "a", "a"]})
@example(schema={"anyOf": [{"$ref": "#/anyOf/1"}, {"$ref": "#/anyOf/0"}], "properties": {"b": {"$ref": "#/anyOf/0"}}})
@example(schema={"properties": {"a": {"format": [], "type": {}, "enum": {"x": 1}, "additionalProperties": 0}}})
def test_gemini_takes_whatever_becomes_of_a_schema(schema: Json) -> None:
    before = json.dumps(schema)
    started = process_time()
    tool = taken_by(gemini_tool, schema)
    assert process_time() - started < 5
    assert json.dumps(schema) == before
    if tool is not None and tool.parameters is not None:
        check_parameters(tool.parameters, "parameters")
        keep_to_googles_word(tool.parameters)


def taken_by(fit: Callable[[Tool], Tool], schema: Json) -> Tool | None:
    """The tool as a provider gets it; None where the client is told that its arguments are no object."""
    try:
        return fit(Tool("f", "Go.", schema))
    except BadRequest as error:
        told = error
    assert told.message == "tool 'f': its parameters must be a JSON Schema of type object"
    return None


def keep_to_googles_word(schema: Json) -> None:
    """What Google's own checks say beyond the simulator's: nothing beside `anyOf`, and keywords of the right type."""
    if "anyOf" in schema:
        assert schema.keys() == {"anyOf"}
        assert len(schema["anyOf"]) > 1
    assert schema.keys() <= KEYWORDS
    assert all(isinstance(schema.get(key, ""), str) for key in ("type", "title", "description", "pattern", "format"))
    assert all(isinstance(schema.get(key, 0), int | float) for key in ("minimum", "maximum", "minLength", "maxItems"))
    assert isinstance(schema.get("nullable", True), bool)
    assert "" not in schema.get("enum", ["x"])
    assert schema.get("enum", ["x"])
    for below in [*schema.get("anyOf", ()), *schema.get("properties", {}).values()]:
        keep_to_googles_word(below)
    if "items" in schema:
        keep_to_googles_word(schema["items"])


@pytest.mark.parametrize("model", ["gpt4o", "claudesonnet4", "gemini25pro"])
def test_every_provider_takes_whatever_becomes_of_a_schema(model: str) -> None:
    @law
    @given(schema=arguments)
    @example(schema={"properties": [], "required": None})
    @example(schema={"oneOf": [True, {"properties": {"a": 5}, "required": ["a"]}], "not": {}, "enum": [1], "if": {}})
    @example(schema={"$ref": "#/$defs/A", "$defs": {"A": {"allOf": [{"$ref": "#"}], "properties": {"a": False}}}})
    def holds(schema: Json) -> None:
        if taken_by(object_tool, schema) is None:
            return
        request = ChatRequest(model, (Message("user", (Text("hi"),)),), tools=(Tool("f", "Go.", schema),))
        sent = UPSTREAMS[card(model).upstream].encode(request, card(model), "me")
        body = read_chat(sent)
        check_chat(Ask(body, MODELS[model], read_turns(body)))

    holds()


@law
@given(schema=arguments)
def test_a_tool_keeps_its_properties_and_its_description(schema: Json) -> None:
    tool = taken_by(object_tool, schema)
    own = schema.get("properties")
    if tool is not None and schema and isinstance(own, dict):
        assert own.keys() <= (tool.parameters or {})["properties"].keys()
        assert (tool.description or "").startswith("Go.")


@law
@given(schema=arguments)
def test_to_fit_what_fits_already_changes_nothing(schema: Json) -> None:
    once = taken_by(object_tool, schema)
    if once is not None:
        assert object_tool(once) == once
