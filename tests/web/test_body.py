"""Law: whatever is compressed in a way that is understood is read as it was, and never more than the limit of it."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_proxy.canonical.errors import BadRequest
from argo_proxy.web.body import coding_of, inflate

LIMIT = 2**20
LAW = settings(deadline=None, derandomize=True, database=None, max_examples=100)


def bare(data: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeezer.compress(data) + squeezer.flush()


PACKERS: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "gzip": (b"gzip", gzip.compress),
    "zlib": (b"deflate", zlib.compress),
    "bare deflate": (b"deflate", bare),
}
every_way = pytest.mark.parametrize(("coding", "pack"), PACKERS.values(), ids=PACKERS)


def inflated(data: bytes, coding: bytes = b"gzip", limit: int = LIMIT) -> bytes:
    return asyncio.run(inflate(data, coding, limit))


def refused(data: bytes, coding: bytes = b"gzip", limit: int = LIMIT) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        inflated(data, coding, limit)
    return caught.value


@every_way
@LAW
@given(data=st.binary(max_size=2000), level=st.integers(0, 9))
def test_what_was_compressed_is_read_as_it_was(
    coding: bytes, pack: Callable[[bytes], bytes], data: bytes, level: int
) -> None:
    packed = gzip.compress(data, level) if pack is gzip.compress else pack(data)
    assert inflated(packed, coding) == data


@every_way
def test_a_body_can_be_as_large_as_the_limit_and_no_larger(coding: bytes, pack: Callable[[bytes], bytes]) -> None:
    data = bytes(LIMIT)
    assert inflated(pack(data), coding) == data
    error = refused(pack(data + b"\0"), coding)
    assert (error.http_status, error.http_code) == (413, "request_too_large")
    assert error.message == "the request body is larger than 1 MiB once it is inflated; `max_body_mb` sets this limit"


def test_a_body_that_swells_is_not_inflated_beyond_the_limit() -> None:
    bomb = gzip.compress(bytes(64 * LIMIT))
    tracemalloc.start()
    try:
        assert refused(bomb).http_status == 413
        assert tracemalloc.get_traced_memory()[1] < 6 * LIMIT
    finally:
        tracemalloc.stop()


def test_the_files_of_a_row_count_together() -> None:
    half = gzip.compress(bytes(LIMIT // 2))
    assert inflated(half + half) == bytes(LIMIT)
    assert refused(half + half + gzip.compress(b"x")).http_status == 413
    assert inflated(half + half + gzip.compress(b"")) == bytes(LIMIT)


def test_a_row_of_files_is_read_as_one_but_not_an_endless_row() -> None:
    assert inflated(b"".join(gzip.compress(b"%d," % n) for n in range(4))) == b"0,1,2,3,"
    assert refused(gzip.compress(b"") * 100_000).http_status == 400


@every_way
def test_a_body_cut_anywhere_is_a_400(coding: bytes, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b"some text that is compressed")
    for end in range(1, len(packed)):
        error = refused(packed[:end], coding)
        assert (error.http_status, error.message) == (
            400,
            f"the request body is not valid {coding.decode()}: it is cut short",
        )


@pytest.mark.parametrize(
    ("data", "coding", "why"),
    [
        (b'{"messages": []}', b"gzip", "incorrect header check"),
        (gzip.compress(b"text")[:-8] + bytes(8), b"gzip", "incorrect data check"),
        (gzip.compress(b"text") + b"garbage", b"gzip", "incorrect header check"),
        (zlib.compress(b"text") + b"garbage", b"deflate", "there is more after its end"),
        (bare(b"text") + b"garbage", b"deflate", "there is more after its end"),
        (gzip.compress(b"text"), b"deflate", "invalid"),
        (zlib.compress(b"text"), b"gzip", "incorrect header check"),
    ],
)
def test_damaged_data_is_a_400_that_says_what_is_wrong(data: bytes, coding: bytes, why: str) -> None:
    error = refused(data, coding)
    assert error.http_status == 400
    assert error.message.startswith(f"the request body is not valid {coding.decode()}: ")
    assert why in error.message


@pytest.mark.parametrize("coding", [b"gzip", b"deflate"])
@LAW
@given(data=st.binary(max_size=200))
def test_no_bytes_are_too_strange_to_be_read_or_refused(coding: bytes, data: bytes) -> None:
    with suppress(BadRequest):
        assert len(inflated(data, coding)) <= LIMIT


def test_nothing_compressed_is_nothing() -> None:
    assert inflated(b"") == b""


def test_others_go_on_while_a_large_body_is_inflated() -> None:
    packed = gzip.compress(bytes(32 * LIMIT))

    async def turns() -> int:
        inflating, count = asyncio.ensure_future(inflate(packed, b"gzip", 64 * LIMIT)), 0
        while not inflating.done():
            await asyncio.sleep(0)
            count += 1
        return count

    assert asyncio.run(turns()) > 3


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (b"gzip", b"gzip"),
        (b"GZip", b"gzip"),
        (b"x-gzip", b"x-gzip"),
        (b" deflate ", b"deflate"),
        (b"identity", None),
        (b"", None),
        (b"identity, gzip, ", b"gzip"),
    ],
)
def test_one_coding_is_understood(header: bytes, coding: bytes | None) -> None:
    assert coding_of(header) == coding


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (b"br", "with 'br'"),
        (b"zstd", "with 'zstd'"),
        (b"compress", "with 'compress'"),
        (b"gzip;q=1", "with 'gzip;q=1'"),
        (b"\xff" * 1000, "ÿ"),
        (b"gzip, gzip", "once, not 2 times"),
        (b"deflate,br,gzip", "once, not 3 times"),
    ],
)
def test_other_codings_are_a_415_that_names_those_that_are_understood(header: bytes, why: str) -> None:
    with pytest.raises(BadRequest, match="send it as gzip, as deflate, or as it is") as caught:
        coding_of(header)
    assert (caught.value.http_status, caught.value.http_code) == (415, "unsupported_encoding")
    assert why in caught.value.message
    assert len(caught.value.message) < 300
