"""What every store does alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from argo_proxy.canonical.errors import BadRequest
from argo_proxy.state import Limits, ResponseStore, open_store
from tests.state.keeping import KB, Clock, response

Opening: TypeAlias = Callable[..., ResponseStore]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite"])
def opening(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> Iterator[Opening]:
    """Opens an empty store with these limits, and closes it at the end."""
    url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path}/state.db"
    opened: list[ResponseStore] = []

    def open_one(max_bytes: int = 100 * KB, max_age_s: float = 3600) -> ResponseStore:
        opened.append(open_store(url, Limits(max_bytes, max_age_s), clock))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


def run(scene: Coroutine[object, object, None]) -> None:
    asyncio.run(scene)


def test_what_was_put_is_read_as_it_was(opening: Opening) -> None:
    async def scene() -> None:
        store = opening()
        kept = response("resp_1", body=b'{"a":"\xc3\xa9"}', items=b"[]")
        await store.put(kept)
        assert await store.get("resp_1", "") == kept
        assert await store.get("resp_2", "") is None

    run(scene())


def test_the_same_id_replaces_what_was_there(opening: Opening) -> None:
    async def scene() -> None:
        store = opening()
        await store.put(response("resp_1", body=b"1"))
        await store.put(response("resp_1", body=b"2"))
        found = await store.get("resp_1", "")
        assert found is not None
        assert found.body == b"2"

    run(scene())


def test_nobody_reads_replaces_or_deletes_what_belongs_to_another(opening: Opening) -> None:
    async def scene() -> None:
        store = opening()
        hers = response("resp_1", "ann", body=b"hers")
        await store.put(hers)
        for other in ("", "bob", "ANN", "ann "):
            assert await store.get("resp_1", other) is None
            assert await store.delete("resp_1", other) is False
        await store.put(response("resp_1", "bob", body=b"his"))
        assert await store.get("resp_1", "ann") == hers
        assert await store.delete("resp_1", "bob") is True
        assert await store.get("resp_1", "ann") == hers

    run(scene())


def test_what_was_deleted_is_gone(opening: Opening) -> None:
    async def scene() -> None:
        store = opening()
        await store.put(response("resp_1"))
        assert await store.delete("resp_1", "") is True
        assert await store.get("resp_1", "") is None
        assert await store.delete("resp_1", "") is False

    run(scene())


def test_the_oldest_goes_first_when_there_is_no_more_room(opening: Opening) -> None:
    async def scene() -> None:
        store = opening(max_bytes=3 * KB)
        for number in range(1, 5):
            await store.put(response(f"resp_{number}", size=KB))
        assert [await is_there(store, number) for number in range(1, 5)] == [False, True, True, True]
        await store.put(response("resp_5", size=2 * KB))
        assert [await is_there(store, number) for number in range(1, 6)] == [False, False, False, True, True]

    run(scene())


def test_what_was_replaced_is_the_newest_and_counts_once(opening: Opening) -> None:
    async def scene() -> None:
        store = opening(max_bytes=3 * KB)
        for number in (1, 2, 3, 1, 1, 1):
            await store.put(response(f"resp_{number}", size=KB))
        assert [await is_there(store, number) for number in (1, 2, 3)] == [True, True, True]
        await store.put(response("resp_4", size=KB))
        assert [await is_there(store, number) for number in (1, 2, 3, 4)] == [True, False, True, True]

    run(scene())


def test_what_was_deleted_makes_room(opening: Opening) -> None:
    async def scene() -> None:
        store = opening(max_bytes=2 * KB)
        await store.put(response("resp_1", size=KB))
        await store.put(response("resp_2", size=KB))
        await store.delete("resp_2", "")
        await store.put(response("resp_3", size=KB))
        assert [await is_there(store, number) for number in (1, 2, 3)] == [True, False, True]

    run(scene())


def test_a_response_that_fills_the_store_is_kept_and_a_larger_one_is_refused(opening: Opening) -> None:
    async def scene() -> None:
        store = opening(max_bytes=KB)
        await store.put(response("resp_1", size=KB))
        with pytest.raises(BadRequest, match="raise `state_max_mb`"):
            await store.put(response("resp_2", size=KB + 1))
        assert await is_there(store, 1)

    run(scene())


def test_what_is_too_old_is_not_there(opening: Opening, clock: Clock) -> None:
    async def scene() -> None:
        store = opening(max_age_s=60)
        await store.put(response("resp_1", created_s=int(clock())))
        clock.now_s += 60
        assert await is_there(store, 1)
        clock.now_s += 1
        assert not await is_there(store, 1)
        assert await store.delete("resp_1", "") is False

    run(scene())


def test_what_is_too_old_makes_room(opening: Opening, clock: Clock) -> None:
    async def scene() -> None:
        store = opening(max_age_s=60)
        await store.put(response("resp_1", created_s=int(clock())))
        clock.now_s += 61
        await store.put(response("resp_2", created_s=int(clock())))
        clock.now_s -= 61
        assert [await is_there(store, number) for number in (1, 2)] == [False, True]

    run(scene())


async def is_there(store: ResponseStore, number: int) -> bool:
    return await store.get(f"resp_{number}", "") is not None
