import json

import pytest

from argo_proxy.transforms.literals import MAX_DEPTH, LiteralReader


def read(*pieces: str) -> str:
    """The literal as JSON, or the state in which it leaves the reader."""
    reader = LiteralReader()
    for piece in pieces:
        reader.feed(piece)
    return reader.json() if reader.state == "complete" else reader.state


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("{}", {}),
        ("()", []),
        ("[1, -2.5e+3, 0]", [1, -2500.0, 0]),
        ("[true, false, null, True, False, None]", [True, False, None] * 2),
        ("{'a': 'x', \"b\": \"y\"}", {"a": "x", "b": "y"}),
        ("{'it': \"it's\", 'say': 'say \"hi\"'}", {"it": "it's", "say": 'say "hi"'}),
        ("(1, ('a',))", [1, ["a"]]),
        ("[1, 2, ]", [1, 2]),
        ("{'a': [1,\n],\n}", {"a": [1]}),
        ("{'a': 'two\nlines\tand \x01'}", {"a": "two\nlines\tand \x01"}),
        (r"['\n\t\r\b\f\'\"\\\/']", ["\n\t\r\b\f'\"\\/"]),
        (r"['\x41\u00e9\U0001F99C']", ["Aé🦜"]),
        (r"['\ud83e\udd9c']", ["🦜"]),
        (r"['\ud83e', '\udd9c', '\udd9c\ud83e']", ["�", "�", "��"]),
        (r"['\U00110000', '\q', '\0']", [r"\U00110000", r"\q", r"\0"]),
        ("['go\\\non']", ["goon"]),
        (r"['C:\Users', '\x', '\u12', '\xg1', '\u00g1']", [r"C:\Users", r"\x", r"\u12", r"\xg1", r"\u00g1"]),
        ("['\ufeff]', '}{']", ["\ufeff]", "}{"]),
        ("[" + "9" * 400 + "]", [int("9" * 400)]),
    ],
)
def test_a_literal_is_told_as_the_json_of_its_value(literal: str, value: object) -> None:
    assert json.loads(read(literal)) == value
    assert read(*literal) == read(literal)


@pytest.mark.parametrize(
    "text",
    [
        "{]", "[}", "(]", "[1}", "[,]", "[1,,2]", "[1 2]", "{1: 2}", "{'a'}", "{'a':}", "{'a' 1}", "{'a': 1 'b': 2}",
        "{'a':: 1}", "{,}", "[:]", "{[]: 1}", "{None: 1}", "[nul ", "[truer]", "[+1]", "[01]", "[.5]", "[1.]", "[0x1]",
        "[1_000]", "[NaN]", "[Infinity]", "[b'a']", "['a' 'b']", "[é]", "[-]", "{{", "{'a': __import__('os')}",
        "[" + "9" * 401 + "]", "[" * (MAX_DEPTH + 1), "\x00", "{\xa0",
    ],
)  # fmt: skip
def test_what_is_no_literal_is_broken_at_the_first_sign_of_it(text: str) -> None:
    assert read(text) == read(*text) == "broken"


@pytest.mark.parametrize("text", ["{", "[1", "[tru", "['a", "['a\\", "['\\u12", "['\\U0001F99", "{'a': {'b': [1, "])
def test_what_may_become_a_literal_stays_open(text: str) -> None:
    assert read(text) == read(*text) == "open"


def test_literals_may_be_nested_as_deeply_as_is_said() -> None:
    deep = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read(deep) == deep


def test_json_is_told_as_it_stands_but_for_its_escapes() -> None:
    assert read('{"a" : [1.50, 1e5 ,-0],\r\n "é\\n": null}') == '{"a" : [1.50, 1e5 ,-0],\r\n "é\\n": null}'


def test_the_reader_tells_where_the_literal_ends() -> None:
    assert LiteralReader().feed("see [1], or not", 4) == 7
    reader = LiteralReader()
    assert [reader.feed(piece) for piece in ("[12", "3", "4], 5]", "more")] == [3, 1, 2, 0]
    assert reader.json() == "[1234]"


def test_the_reader_tells_where_it_broke_even_if_that_was_in_an_earlier_piece() -> None:
    reader = LiteralReader()
    assert [reader.feed(piece) for piece in ("[1, tr", "ub]")] == [6, -2]
    assert reader.state == "broken"
