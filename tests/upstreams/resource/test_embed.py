import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_proxy.canonical.errors import Denied, UpstreamError
from argo_proxy.upstreams.notices import AUTHENTICATION
from argo_proxy.upstreams.resource.embed import decode, decode_numbers, encode
from tests.known import catalog
from tests.laws.strategies import law


def test_the_call_has_the_texts_in_argos_shape() -> None:
    body = encode(["a", "ö"], catalog().embedding("argo:text-embedding-3-large"), "me")
    assert json.loads(body) == {"user": "me", "model": "v3large", "prompt": ["a", "ö"]}


SPACE = st.text(" \t\r\n", max_size=2)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VECTORS = st.lists(st.lists(NUMBERS, min_size=1, max_size=4), min_size=1)


@law
@given(vectors=VECTORS, space=SPACE, more=st.sampled_from(["", ', "model": "v3small"']))
def test_vectors_come_back_to_the_letter_however_they_are_spaced(
    vectors: list[list[float]], space: str, more: str
) -> None:
    texts = [json.dumps(vector, separators=(f"{space},{space}", ":")) for vector in vectors]
    listed = f"{space},{space}".join(texts)
    body = f'{space}{{{space}"embedding"{space}:{space}[{space}{listed}{space}]{more}{space}}}{space}'.encode()
    assert [bytes(vector).decode() for vector in decode(body, len(texts))] == texts
    assert list(decode_numbers(body, len(texts))) == vectors


BROKEN = (
    *("", "<html>", '{"detail": "no"}', '{"embedding": {"a": 1}}', '{"embedding": null}', '{"embedding": []}'),
    *('{"embedding": [[1]]}', '{"embedding": [[1], [2], [3]]}', '{"embedding": [1, 2]}', "[[1], [2]]"),
    *('{"embedding": [[1], [2]', '{"embedding": [[1], [2]]', '{"embedding": [[1], [2', '{"embedding": [[1], [2]]}}'),
    *(
        '{"embedding": [[1] [2]]}',
        '{"embedding": [[1],, [2]]}',
        '{"embedding": [[1], [2],]}',
        '{"embedding": [[1]; [2]]}',
    ),
    *('{"embedding": [[1], [2]]} [', '{"embedding": [[1,[0],[2]]}', '{"embedding": [[[1], [2]]]}'),
)
VALUES = ("NaN", "Infinity", "-Infinity", "null", "true", "false", '"1"', "[]", "[1]", "{}", '{"a": 1}')
MISPRINTS = ("<b>", "x", ",", "1,,2", "1,", "1 2", "1.2.3", "--1", "+1", ".5", "5.", "1e", "01", "1.5.", "0x1")


@pytest.mark.parametrize(
    "body",
    [
        *(body.encode() for body in BROKEN),
        *(f'{{"embedding": [[{inner}], [1]]}}'.encode() for inner in (*VALUES, *MISPRINTS)),
        *(f'{{"embedding": [[1], [2, {inner}]]}}'.encode() for inner in VALUES),
        b'{"embedding": [[1], null]}',
        b'{"embedding": [[1], "a"]}',
        b"\xff",
        b'{"embedding": [[1], [\xff]]}',
        b'{"x": ' + b"[" * 100_000,
        b'{"embedding": [[1], ' + b"[" * 100_000,
    ],
)
def test_what_is_not_one_vector_for_each_text_is_the_gateways_fault(body: bytes) -> None:
    for read in (decode, decode_numbers):
        with pytest.raises(UpstreamError) as caught:
            list(read(body, 2))
        assert caught.value.http_code == "bad_answer"


@pytest.mark.parametrize("inner", [*VALUES, *MISPRINTS, "1e400"])
def test_where_numbers_are_read_every_one_is_checked(inner: str) -> None:
    with pytest.raises(UpstreamError):
        list(decode_numbers(f'{{"embedding": [[1], [2, {inner}]]}}'.encode(), 2))


def test_a_misprint_after_the_first_vector_goes_to_the_client_as_it_is() -> None:
    assert bytes(decode(b'{"embedding": [[1], [1,,2]]}', 2)[1]) == b"[1,,2]"


def test_the_notice_that_the_user_is_not_known_is_no_answer() -> None:
    with pytest.raises(Denied):
        decode(json.dumps({"response": f"{AUTHENTICATION}: who?"}).encode(), 1)


def test_an_empty_vector_is_none() -> None:
    with pytest.raises(UpstreamError, match="empty"):
        decode(b'{"embedding": [[1], []]}', 2)
