import asyncio

import pytest

from argo_proxy.gateway.together import together


def test_results_come_in_order_whoever_is_ready_first() -> None:
    async def play() -> None:
        first = asyncio.Event()

        async def slow() -> str:
            await first.wait()
            return "slow"

        async def quick() -> str:
            first.set()
            return "quick"

        assert await together([slow(), quick()]) == ["slow", "quick"]

    asyncio.run(play())


def test_when_one_fails_the_others_are_given_up_before_that_is_told() -> None:
    async def play() -> None:
        left: list[str] = []

        async def endless() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                left.append("endless")

        async def failing() -> None:
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            await together([endless(), failing(), endless()])
        assert left == ["endless"] * 2

    asyncio.run(play())


def test_one_alone_runs_in_the_task_that_waits_for_it() -> None:
    async def play() -> None:
        async def own_task() -> object:
            return asyncio.current_task()

        assert await together([own_task()]) == [asyncio.current_task()]
        assert await together([]) == []

    asyncio.run(play())
