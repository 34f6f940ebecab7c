import json
from typing import Literal

import msgspec
import pytest
from msgspec import Struct

from argo_proxy.canonical.errors import BadRequest, ProxyError, UnknownModel
from argo_proxy.dialects.wire import decode_body, render_error


class Inner(Struct):
    size: int


class Body(Struct):
    inner: list[Inner]
    name: str = ""
    kind: Literal["a", "b"] = "a"


DECODER = msgspec.json.Decoder(Body)


def refusal(body: bytes) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        decode_body(DECODER, body)
    return caught.value


def test_a_sound_body_is_read() -> None:
    assert decode_body(DECODER, b'{"inner": [{"size": 1}], "unknown": null}') == Body([Inner(1)])


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        (b'{"inner": [{"size": "x"}]}', "inner[0].size", "'inner[0].size': expected 'int', got 'str'"),
        (b'{"inner": [{}]}', "inner[0]", "'inner[0]': object missing required field 'size'"),
        (b'{"inner": 1}', "inner", "'inner': expected 'array', got 'int'"),
        (b"{}", "inner", "the request body: object missing required field 'inner'"),
        (b'{"inner": [{"size": 1e999}]}', "inner[0].size", "'inner[0].size': number out of range"),
        (b"[]", None, "the request body: expected 'object', got 'array'"),
        (b"null", None, "the request body: expected 'object', got 'null'"),
        (b'"text"', None, "the request body: expected 'object', got 'str'"),
    ],
)
def test_a_body_of_the_wrong_shape_is_told_by_parameter(body: bytes, param: str | None, message: str) -> None:
    assert (refusal(body).param, refusal(body).message) == (param, message)


@pytest.mark.parametrize("body", [b"", b"{", b"not json", b'{"inner": []} {}', b"{'a': 1}", b"\xff"])
def test_what_is_no_json_is_said_to_be_none(body: bytes) -> None:
    assert refusal(body).message.startswith("the request body is not valid JSON: ")


def test_damaged_utf8_is_named() -> None:
    assert refusal(b'{"inner": [], "name": "\xff"}').message.startswith("the request body is not UTF-8: ")


@pytest.mark.parametrize("opening", [b"[", b'{"inner":', b'{"x":', b'{"inner":[{"x":'])
def test_deep_nesting_is_refused_not_followed(opening: bytes) -> None:
    assert refusal(opening * 200_000).http_status == 400


def test_a_huge_value_is_not_repeated_in_the_error() -> None:
    error = refusal(b'{"inner": [], "kind": "%s"}' % (b"x" * 100_000))
    assert (error.param, len(error.message) < 400) == ("kind", True)
    assert "xxx" in error.message


def test_a_value_that_looks_like_a_place_does_not_pass_for_one() -> None:
    error = refusal(b'{"inner": [], "kind": "x - at `$.name` y - at `$.other`"}')
    assert (error.param, error.message[:14]) == ("kind", "'kind': invali")


def test_an_error_is_told_in_openais_shape() -> None:
    error = UnknownModel("model 'gpt-9' is not on ARGO", param="model")
    assert json.loads(render_error(error)) == {
        "error": {
            "message": "model 'gpt-9' is not on ARGO",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
    }


def test_an_error_without_parameter_and_code_says_null() -> None:
    told = json.loads(render_error(BadRequest("no")))["error"]
    assert told == {"message": "no", "type": "invalid_request_error", "param": None, "code": None}


def test_the_proxys_own_fault_is_a_server_error() -> None:
    assert json.loads(render_error(ProxyError("oh")))["error"]["type"] == "server_error"
