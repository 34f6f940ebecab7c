"""The Embeddings API as values: what a body means, and how vectors are written."""

import base64
import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from argo_proxy.canonical.embeddings import EmbeddingRequest, Embeddings
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.openai_embeddings import MAX_INPUTS, parse, render
from tests.laws.strategies import law


def parsed(**body: object) -> EmbeddingRequest:
    return parse(json.dumps(body).encode())


def rendered(*vectors: str, **asked: object) -> list[object]:
    request = parsed(input="a", model="m", **asked)
    body = json.loads(render(request, Embeddings(tuple(Raw(vector.encode()) for vector in vectors), 7)))
    assert (body["object"], body["model"], body["usage"]) == ("list", "m", {"prompt_tokens": 7, "total_tokens": 7})
    assert [(one["object"], one["index"]) for one in body["data"]] == [("embedding", at) for at in range(len(vectors))]
    return [one["embedding"] for one in body["data"]]


@pytest.mark.parametrize(
    ("given_input", "inputs"),
    [
        ("a", ("a",)),
        (["a", "b", "a"], ("a", "b", "a")),
        ([1, 2], ((1, 2),)),
        ([[1, 2], [3]], ((1, 2), (3,))),
        (["a"] * MAX_INPUTS, ("a",) * MAX_INPUTS),
    ],
)
def test_text_and_tokens_one_or_many_are_inputs(given_input: object, inputs: object) -> None:
    assert parsed(input=given_input).inputs == inputs


@pytest.mark.parametrize(
    ("given_input", "param"),
    [
        ("", "input[0]"),
        (["a", ""], "input[1]"),
        ([[]], "input[0]"),
        ([], "input"),
        (["a"] * (MAX_INPUTS + 1), "input"),
        (["a", 1], "input"),
        ([1, [2]], "input"),
        (["a", [2]], "input"),
        ([True], "input[0]"),
        ([-1], "input[0]"),
        ({}, "input"),
    ],
)
def test_an_input_that_is_none_is_named(given_input: object, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parsed(input=given_input)
    assert caught.value.param == param


def test_nulls_are_as_good_as_nothing() -> None:
    names = ("model", "encoding_format", "dimensions", "timeout", "user")
    assert parsed(input="a", **dict.fromkeys(names)) == parsed(input="a")


def test_numbers_are_written_as_they_came() -> None:
    request = parsed(input="a", model="m", encoding_format="float")
    assert b'"embedding":[1.50, -0.0,1E-7]}' in render(request, Embeddings((Raw(b"[1.50, -0.0,1E-7]"),), 1))


@law
@given(numbers=st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=9))
def test_base64_holds_the_same_numbers(numbers: list[float]) -> None:
    (text,) = rendered(json.dumps(numbers), encoding_format="base64")
    assert list(struct.unpack(f"<{len(numbers)}f", base64.b64decode(str(text)))) == numbers


def test_a_shortened_vector_has_length_one() -> None:
    assert rendered("[3, 4, 12]", dimensions=2) == [[0.6, 0.8]]
    (text,) = rendered("[3, 4, 12]", dimensions=2, encoding_format="base64")
    assert math.dist(struct.unpack("<2f", base64.b64decode(str(text))), (0.6, 0.8)) < 1e-6


def test_a_vector_of_nothing_stays_nothing_and_a_short_one_as_it_is() -> None:
    assert rendered("[0, 0, 1]", dimensions=2) == [[0, 0]]
    assert rendered("[3, 4]", dimensions=2) == [[3, 4]]
