"""What is done with the numbers of a vector."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_proxy.transforms.vectors import packed, shortened
from tests.laws.strategies import law

MOST = 3.4e38


@law
@given(numbers=st.lists(st.floats(-MOST, MOST), max_size=9))
def test_packed_numbers_are_4_byte_floats_with_the_lowest_byte_first(numbers: list[float]) -> None:
    assert packed(numbers) == struct.pack(f"<{len(numbers)}f", *numbers)


def test_a_number_too_large_for_4_bytes_is_infinite() -> None:
    assert packed([1e39, -1e39]) == struct.pack("<2f", math.inf, -math.inf)


def test_a_shortened_vector_has_length_one() -> None:
    assert shortened([3, 4, 12], 2) == [0.6, 0.8]


@pytest.mark.parametrize("dimensions", [None, 2, 3])
def test_a_vector_that_is_short_enough_stays_as_it_is(dimensions: int | None) -> None:
    assert shortened([3, 4], dimensions) == [3, 4]


def test_a_vector_of_nothing_stays_nothing() -> None:
    assert shortened([0, 0, 1], 2) == [0, 0]
