"""What the laws are tried on, and how hard."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

Cuttable = TypeVar("Cuttable", str, bytes)

law = settings(
    derandomize=True, deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow], print_blob=False
)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
speech = st.lists(
    st.one_of(st.sampled_from(["hello", " world", "\n", "END", "EN", "é", "🦜", "汉字", "</s>", " ", "AUTH"]), text),
    max_size=12,
).map("".join)
damaged = st.lists(
    st.one_of(
        speech.map(str.encode),
        st.binary(max_size=6),
        st.sampled_from([b"\xf0\x9f", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\x80", b"\xff", b"\xf4\x90"]),
    ),
    max_size=8,
).map(b"".join)


def cuts(whole: Cuttable, at: Sequence[int]) -> list[Cuttable]:
    """The whole in pieces, none of them empty, cut at these places."""
    places = [0, *sorted({place % (len(whole) + 1) for place in at}), len(whole)]
    return [whole[start:stop] for start, stop in pairwise(places) if start < stop]


places = st.lists(st.integers(0, 10_000), max_size=12)
