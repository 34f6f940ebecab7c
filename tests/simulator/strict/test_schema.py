from argo_proxy.simulator.strict.schema import walk

LEAF = {"type": "string"}


def test_parents_come_before_their_children():
    schema = {"properties": {"a": {"items": LEAF}}, "anyOf": [LEAF], "$defs": {"d": LEAF}}
    assert list(walk(schema)) == [
        ((), schema),
        (("properties", "a"), {"items": LEAF}),
        (("properties", "a", "items"), LEAF),
        (("anyOf", "0"), LEAF),
        (("$defs", "d"), LEAF),
    ]


def test_property_names_and_sample_values_are_no_schemas():
    samples = {"enum": [LEAF], "default": {"items": LEAF}, "const": LEAF, "required": ["items"]}
    named = {"properties": {"items": samples}}
    assert list(walk(named)) == [((), named), (("properties", "items"), samples)]


def test_what_stands_for_a_schema_comes_as_it_is():
    schema = {"items": True, "properties": {"a": "string"}}
    assert [below for _, below in walk(schema)] == [schema, True, "string"]
