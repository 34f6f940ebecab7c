"""Input for fuzzing: any bytes, and legal input that was damaged."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

NASTY = (
    b"[" * 2000, b'{"a":' * 2000, b"9" * 5000, b"1e400", b"-0", b"NaN", b"null", b"true", b"[]", b"{}", b'""', b'"',
    b"\\", b'"\\ud800"', b"\\u0000", b"\0", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r\n", b"\r\n\r\n", b"%00",
    b"%ff", b"&" * 50, b'"$ref": "#", ', b'"$ref": "http://127.0.0.1:9/", ', b'"pattern": "(a+)+$", ', b"(" * 500,
    b"a" * 3000, b",", b":",
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds, with pieces cut out, doubled, moved, or replaced by what is nasty."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        start, length = draw(st.integers(0, len(data))), draw(st.sampled_from([0, 0, 1, 2, 5, 20]))
        piece, rest = data[start : start + length], data[start + length :]
        new = draw(st.sampled_from([*NASTY, b"", piece * 2, piece[::-1]]) | st.binary(max_size=4))
        data = data[:start] + new + rest
    return data


def inputs(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    return st.binary(max_size=200) | damaged(seeds) | damaged(seeds)
