import json

import pytest

from argo_proxy.canonical.errors import Denied, UpstreamError
from argo_proxy.upstreams.notices import AUTHENTICATION
from argo_proxy.upstreams.resource.embed import decode, encode
from tests.known import catalog


def test_the_call_has_the_texts_in_argos_shape() -> None:
    body = encode(["a", "ö"], catalog().embedding("argo:text-embedding-3-large"), "me")
    assert json.loads(body) == {"user": "me", "model": "v3large", "prompt": ["a", "ö"]}


def test_vectors_come_back_to_the_letter() -> None:
    assert [bytes(vector) for vector in decode(b'{"embedding": [[1.0, 2],[]]}', 2)] == [b"[1.0, 2]", b"[]"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"embedding": [[1]]}',
        b'{"embedding": [[1], null]}',
        b'{"embedding": [[1], "a"]}',
        b'{"embedding": {"a": 1}}',
        b'{"detail": "no"}',
        b'{"embedding": [[1], [2]',
        b"\xff",
    ],
)
def test_what_is_not_one_vector_for_each_text_is_the_gateways_fault(body: bytes) -> None:
    with pytest.raises(UpstreamError) as caught:
        decode(body, 2)
    assert caught.value.http_code == "bad_answer"


def test_the_notice_that_the_user_is_not_known_is_no_answer() -> None:
    with pytest.raises(Denied):
        decode(json.dumps({"response": f"{AUTHENTICATION}: who?"}).encode(), 1)
