"""Laws of the reader of literals: JSON and Python come out as the value they are, however they are cut."""

import ast
import json

from hypothesis import given
from hypothesis import strategies as st

from argo_proxy.transforms.literals import LiteralReader
from tests.laws.strategies import cuts, law, places

chars = st.characters(exclude_categories=["Cs"]) | st.sampled_from("\"'\\{}[]()\n\r\t\x00ux,:🦜")
strings = st.text(chars, max_size=20)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | strings
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(strings, inner), max_leaves=15)
containers = st.lists(values) | st.dictionaries(strings, values)
signs = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    "'",
    '"',
    "\\",
    "u",
    "x",
    "U",
    "12",
    "e",
    "-",
    "true",
    "None",
    " ",
    "\n",
]
hostile = st.lists(st.sampled_from(signs), max_size=40).map("".join) | st.text(max_size=40)


def fed(pieces: list[str]) -> tuple[str, str, int]:
    """The state, the JSON, and where the literal ends."""
    reader = LiteralReader()
    end = sum(reader.feed(piece) for piece in pieces)
    return reader.state, reader.json() if reader.state == "complete" else "", end


@law
@given(value=containers, ascii_only=st.booleans(), indent=st.sampled_from([None, 2]), after=st.text(max_size=5))
def test_json_comes_out_as_its_value(value: object, ascii_only: bool, indent: int | None, after: str) -> None:
    written = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    state, told, end = fed([written + after])
    assert (state, json.loads(told), end) == ("complete", value, len(written))


@law
@given(value=containers | st.tuples(values, values), at=places, escape=st.booleans())
def test_a_python_literal_comes_out_as_its_value(value: object, at: list[int], escape: bool) -> None:
    written = ascii(value) if escape else repr(value)
    state, told, end = fed(cuts(written, at))
    assert (state, end) == ("complete", len(written))
    assert json.loads(told) == json.loads(json.dumps(ast.literal_eval(written)))


@law
@given(value=containers)
def test_bare_line_breaks_stay_in_their_strings(value: object) -> None:
    written = json.dumps(value).replace("\\\\", "\\u005c").replace("\\n", "\n")
    assert json.loads(fed([written])[1]) == value


@law
@given(text=hostile, at=places)
def test_what_is_read_does_not_depend_on_the_cuts(text: str, at: list[int]) -> None:
    text = "{" + text
    assert fed(cuts(text, at)) == fed([text]) == fed(list(text))


@law
@given(text=hostile)
def test_what_is_complete_is_json(text: str) -> None:
    for opening in "[{(":
        state, told, _ = fed([opening + text])
        if state == "complete":
            assert isinstance(json.loads(told), list | dict)
