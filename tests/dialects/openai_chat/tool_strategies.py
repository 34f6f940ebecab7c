"""Tools, choices of them, and conversations in which they are called, as any client may send them."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from tests.laws.strategies import text

Json = dict[str, object]

names = st.one_of(
    st.sampled_from(["f", "get_weather", "files.search.v2", "files_search_v2", "1st", "-", "_", "with space", "été"]),
    st.sampled_from([64, 65, 256]).map(lambda size: "long_" * (size // 5) + "x" * (size % 5)),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
)
properties = st.sampled_from(["city", "a b", "$ref", "type", "properties", "x-y", "é"])
kinds = st.sampled_from(["string", "integer", "number", "boolean", "null", "array", "object"])
literals = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["C", "F", ""])
leaves = st.one_of(
    kinds.map(lambda kind: {"type": kind}),
    st.sampled_from([True, {}, {"$ref": "#/$defs/Tree"}, {"$ref": "#/$defs/Gone"}, {"$ref": "#"}]),
    st.fixed_dictionaries(
        {}, optional={"const": literals, "description": text, "title": text, "nullable": st.booleans()}
    ),
    st.fixed_dictionaries({"enum": st.lists(literals, min_size=1, max_size=3)}, optional={"type": kinds}),
    st.fixed_dictionaries(
        {"type": st.just("integer")},
        optional={
            "exclusiveMinimum": st.integers(-5, 5),
            "maximum": st.integers(6, 9),
            "multipleOf": st.just(2),
            "format": st.sampled_from(["int32", "uint8"]),
            "default": st.integers(-5, 5),
            "examples": st.just([1]),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.lists(kinds, min_size=1, max_size=3, unique=True)},
        optional={"format": st.sampled_from(["date", "date-time", "enum"]), "pattern": st.just("^a+$")},
    ),
)


def objects_of(inner: st.SearchStrategy[object]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(properties, inner, max_size=3)},
        optional={
            "required": st.lists(properties, max_size=2, unique=True),
            "additionalProperties": st.booleans() | inner,
            "patternProperties": st.just({"^x": {"type": "string"}}),
            "description": text,
            "propertyNames": st.just({"minLength": 1}),
        },
    )


def nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    combined = st.sampled_from(["anyOf", "oneOf", "allOf"])
    return st.one_of(
        objects_of(inner),
        st.fixed_dictionaries({"type": st.just("array")}, optional={"items": inner, "minItems": st.just(1)}),
        st.builds(lambda key, members: {key: members}, combined, st.lists(inner, min_size=1, max_size=3)),
        st.fixed_dictionaries({"prefixItems": st.lists(inner, min_size=1, max_size=2), "type": st.just("array")}),
    )


schemas = st.recursive(leaves, nested, max_leaves=5)
TREE = {"type": "object", "properties": {"name": {"type": "string"}, "below": {"$ref": "#/$defs/Tree"}}}


def at_the_top(schema: Json, more: Json) -> Json:
    return {**schema, **more, "$defs": {"Tree": TREE}}


parameters = st.one_of(
    st.sampled_from([None, {}, {"type": "object"}, {"type": ["object", "null"]}, {"properties": {}}]),
    st.builds(
        at_the_top,
        objects_of(schemas),
        st.fixed_dictionaries(
            {},
            optional={
                "$schema": st.just("https://json-schema.org/draft/2020-12/schema"),
                "anyOf": st.lists(objects_of(schemas), min_size=1, max_size=2),
                "allOf": st.just([{"$ref": "#/$defs/Tree"}]),
                "not": st.just({"required": ["no"]}),
                "enum": st.just([{"city": "Oslo"}]),
            },
        ),
    ),
)


def closed(members: dict[str, Json]) -> Json:
    """An object as OpenAI wants it of a strict tool."""
    return {"type": "object", "properties": members, "required": [*members], "additionalProperties": False}


strict_parameters = st.dictionaries(
    st.sampled_from(["city", "days", "é"]),
    st.sampled_from([{"type": "string"}, {"type": ["integer", "null"]}, closed({"a": {"type": "boolean"}})]),
    max_size=3,
).map(closed)
functions = st.one_of(
    st.fixed_dictionaries({"name": names, "parameters": strict_parameters, "strict": st.just(True)}),
    st.fixed_dictionaries(
        {"name": names},
        optional={
            "description": st.none() | text,
            "parameters": parameters,
            "strict": st.sampled_from([None, False]),
        },
    ),
)


def named(name: str) -> Json:
    return {"type": "function", "function": {"name": name}}


def choices_of(offered: Sequence[str]) -> st.SearchStrategy[object]:
    """Every form of `tool_choice` that these tools allow."""
    free = st.sampled_from([None, "auto", "none"])
    if not offered:
        return free
    some = st.lists(st.sampled_from(offered), min_size=1, max_size=3)
    return st.one_of(
        free,
        st.just("required"),
        st.sampled_from(offered).map(named),
        st.builds(
            lambda mode, chosen: {
                "type": "allowed_tools",
                "allowed_tools": {"mode": mode, "tools": [named(name) for name in chosen]},
            },
            st.sampled_from(["auto", "required"]),
            some,
        ),
    )


@st.composite
def offers(draw: st.DrawFn) -> Json:
    """What a body says of tools: in the present form, in that of old, or nothing."""
    given = draw(st.lists(functions, max_size=4, unique_by=lambda function: function["name"]))
    if draw(st.booleans()):
        tools = [{"type": "function", "function": function} for function in given]
        choice = draw(choices_of([str(function["name"]) for function in given]))
        return {
            "tools": tools,
            "tool_choice": choice,
            "parallel_tool_calls": draw(st.sampled_from([None, True, False])),
        }
    chosen: list[object] = [None, "auto", "none", *({"name": function["name"]} for function in given)]
    return {"functions": given, "function_call": draw(st.sampled_from(chosen))}


formats = st.one_of(
    st.sampled_from([{"type": "text"}, {"type": "json_object"}]),
    st.builds(
        lambda schema: {"type": "json_schema", "json_schema": {"name": "it", "schema": schema}},
        strict_parameters | st.none() | st.just({"type": "array", "items": {"type": "string"}}),
    ),
)

call_ids = st.sampled_from(["call_1", "call_2", "toolu_3", "with space", "", "x" * 60])
arguments = st.sampled_from(
    ["{}", '{"a": 1}', "", " ", "[1]", "null", '"text"', '{"a": "Os', "{'a': 1}", '{"a":\n"é"}']
)
called = st.fixed_dictionaries({"name": names, "arguments": arguments})
calls = st.builds(lambda call_id, made: {"id": call_id, "type": "function", "function": made}, call_ids, called)


def tool_turns(
    said: st.SearchStrategy[object], parts: st.SearchStrategy[object], pictures: st.SearchStrategy[object]
) -> st.SearchStrategy[Json]:
    """Turns with calls and turns with results, each with and without its other half."""
    content = st.none() | said | parts
    return st.one_of(
        st.fixed_dictionaries(
            {"role": st.just("assistant"), "tool_calls": st.lists(calls, min_size=1, max_size=3)},
            optional={"content": content, "name": st.just("me")},
        ),
        st.fixed_dictionaries({"role": st.just("assistant"), "function_call": called}, optional={"content": content}),
        st.fixed_dictionaries(
            {"role": st.just("tool"), "tool_call_id": call_ids},
            optional={"content": st.none() | said | pictures | st.just([])},
        ),
        st.fixed_dictionaries({"role": st.just("function"), "name": names}, optional={"content": st.none() | said}),
    )
