import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.gateway.inflate import MAX_INFLATED_BYTES, Inflater


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
@settings(deadline=None, derandomize=True, database=None, max_examples=50)
@given(data=st.binary(max_size=2000), size=st.integers(1, 50))
def test_the_pieces_joined_are_the_original(pack: Callable[[bytes], bytes], data: bytes, size: int) -> None:
    packed, inflater = pack(data), Inflater()
    pieces = [inflater.feed(packed[at : at + size]) for at in range(0, len(packed), size)]
    assert (b"".join(pieces), inflater.complete) == (data, True)


def test_it_is_complete_only_at_the_end() -> None:
    packed, inflater = gzip.compress(b"abc"), Inflater()
    inflater.feed(packed[:-1])
    assert not inflater.complete
    inflater.feed(packed[-1:])
    assert inflater.complete


@pytest.mark.parametrize("data", [b"plain text", gzip.compress(b"abc")[:-8] + bytes(8)])
def test_damaged_data_is_an_error(data: bytes) -> None:
    with pytest.raises(UpstreamError, match="damaged") as caught:
        Inflater().feed(data)
    assert caught.value.http_code == "bad_answer"


def test_what_swells_beyond_measure_is_an_error_and_not_a_full_memory() -> None:
    with pytest.raises(UpstreamError, match="swells") as caught:
        Inflater().feed(gzip.compress(bytes(MAX_INFLATED_BYTES + 1), 1))
    assert caught.value.http_code == "answer_too_large"
