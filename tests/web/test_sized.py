"""Short work is done at once, long work in a thread."""

from __future__ import annotations

import asyncio
import threading

import pytest

from argo_proxy.canonical.errors import BadRequest
from argo_proxy.relay import INLINE_BYTES
from argo_proxy.web.sized import sized


def here() -> bool:
    return threading.current_thread() is threading.main_thread()


@pytest.mark.parametrize(("size", "at_once"), [(0, True), (INLINE_BYTES, True), (INLINE_BYTES + 1, False)])
def test_the_size_says_where_the_work_is_done(size: int, at_once: bool) -> None:
    assert asyncio.run(sized(size, here)) is at_once


@pytest.mark.parametrize("size", [0, INLINE_BYTES + 1])
def test_the_result_and_the_error_are_those_of_the_work(size: int) -> None:
    def refuse() -> None:
        raise BadRequest("no")

    assert asyncio.run(sized(size, divmod, 7, 2)) == (3, 1)
    with pytest.raises(BadRequest, match="no"):
        asyncio.run(sized(size, refuse))
