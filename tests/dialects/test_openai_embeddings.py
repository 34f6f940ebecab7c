"""The Embeddings API as values: what a body means, and how vectors are written."""

import base64
import json

import pytest

from argo_proxy.canonical.embeddings import EmbeddingRequest, Embeddings
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.openai_embeddings import MAX_INPUTS, parse, render


def parsed(**body: object) -> EmbeddingRequest:
    return parse(json.dumps(body).encode())


def rendered(*vectors: bytes, **asked: object) -> list[object]:
    body = json.loads(b"".join(render(parsed(input="a", model="m", **asked), Embeddings(vectors, 7))))
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


@pytest.mark.parametrize(("encoding", "packed"), [(None, False), ("float", False), ("base64", True)])
def test_only_base64_wants_the_numbers_packed(encoding: str | None, packed: bool) -> None:
    assert parsed(input="a", encoding_format=encoding).packed is packed


def test_numbers_are_written_as_they_came() -> None:
    request = parsed(input="a", model="m", encoding_format="float")
    vector = memoryview(b"[[1.50, -0.0,1E-7]]")[1:-1]
    assert b'"embedding":[1.50, -0.0,1E-7]}' in b"".join(render(request, Embeddings((vector,), 1)))


@pytest.mark.parametrize("count", [1, 2, MAX_INPUTS])
def test_vectors_are_numbered_in_order(count: int) -> None:
    vectors = [b"[%d]" % number for number in range(count)]
    assert rendered(*vectors) == [[number] for number in range(count)]


def test_base64_is_of_the_packed_bytes() -> None:
    texts = rendered(b"\x00\x01\xff", b"", encoding_format="base64")
    assert [base64.b64decode(str(text)) for text in texts] == [b"\x00\x01\xff", b""]
