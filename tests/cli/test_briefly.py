"""A question is asked and done with, whatever comes of it."""

from __future__ import annotations

import asyncio
import time

import pytest

from argo_proxy.cli.briefly import briefly


def test_the_answer_comes_back() -> None:
    async def question() -> int:
        await asyncio.sleep(0)
        return 42

    assert briefly(question()) == 42


def test_an_error_comes_back_as_it_is() -> None:
    async def question() -> None:
        raise LookupError("nobody knows")

    with pytest.raises(LookupError, match="nobody knows"):
        briefly(question())


def test_a_thread_that_hangs_on_is_not_waited_for() -> None:
    """As a name server that does not answer makes one do."""

    async def question() -> str:
        asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.5)
        return "done"

    start_s = time.monotonic()
    assert briefly(question()) == "done"
    assert time.monotonic() - start_s < 0.4
