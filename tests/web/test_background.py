"""Responses in the background end once, are kept as they ended, and make room for others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from argo_proxy.canonical.errors import RateLimited
from argo_proxy.catalog.catalog import built_in
from argo_proxy.dialects.openai_responses import stands
from argo_proxy.gateway.images import ImageFetcher
from argo_proxy.relay import Calls, Relay
from argo_proxy.settings import Settings
from argo_proxy.tokens import Tokenizers
from argo_proxy.web import background as background_module
from argo_proxy.web.background import Background
from argo_proxy.web.bulletin import Alone
from argo_proxy.web.memory import Memory
from tests.gateway.loopback import Behaviour, Visit, answering, pooling, run_on_asyncio, serving, turns, until
from tests.known import facts
from tests.web.background_scene import SlowStore, prepared

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nHello!"

TOKENIZERS = Tokenizers()
"""What has been loaded once is there for all."""


async def never(visit: Visit) -> None:
    """Take the call and say nothing."""
    await visit.request()
    await visit.until_left()


class Scene:
    """Everything that runs in the background, and the store that keeps it."""

    def __init__(self, relay: Relay, background: Background, store: SlowStore) -> None:
        self.relay = relay
        self.background = background
        self.store = store

    async def start(self, number: int = 1) -> str:
        return (await self.background.start(self.relay, prepared(), "me", f"{number}a")).response.id

    async def status(self, response_id: str) -> str:
        kept = await self.store.get(response_id, "me")
        assert kept is not None
        return stands(kept.body)[0]


@asynccontextmanager
async def scene(behaviour: Behaviour) -> AsyncIterator[Scene]:
    await TOKENIZERS.counter("o200k_base")
    async with serving(behaviour) as server, pooling() as pool:
        url = f"http://{server.origin}/"
        relay = Relay(
            catalog=built_in(facts()),
            calls=Calls(pool, retries=0, max_concurrency=100),
            images=ImageFetcher(allow_private=False, ca_file=None),
            tokenizers=TOKENIZERS,
            settings=Settings(user="me", argo_url=url, argo_stream_url=url),
        )
        store = SlowStore()
        background = Background(Memory(store), Alone(), 0)
        yield Scene(relay, background, store)
        await background.stop()


def test_a_response_is_kept_before_it_is_told_to_be_complete() -> None:
    async def play() -> None:
        async with scene(answering([ANSWER])) as here:
            name = await here.start()
            assert await here.status(name) == "queued"
            here.store.open.clear()
            await until(lambda: here.store.waiting == 1)
            run = here.background.find(name, "me")
            assert run is not None
            following = asyncio.ensure_future(anext_of(run.events_from(0)))
            assert b"response.completed" not in await following
            here.store.open.set()
            assert b"response.completed" in b"".join([data async for data in run.events_from(0)])
            assert await here.status(name) == "completed"

    run_on_asyncio(play())


async def anext_of(frames: AsyncIterator[bytes]) -> bytes:
    async for data in frames:
        return data
    raise AssertionError("there are no events")


def test_what_is_being_kept_is_not_broken_off_by_a_late_cancel() -> None:
    async def play() -> None:
        async with scene(answering([ANSWER])) as here:
            name = await here.start()
            here.store.open.clear()
            await until(lambda: here.store.waiting == 1)
            late = [asyncio.ensure_future(here.background.cancel(name, "me")) for _ in range(2)]
            stopping = asyncio.ensure_future(here.background.stop())
            await turns(1)
            here.store.open.set()
            await asyncio.gather(*late, stopping)
            assert await here.status(name) == "completed"

    run_on_asyncio(play())


def test_to_cancel_twice_is_to_cancel_once() -> None:
    async def play() -> None:
        async with scene(never) as here:
            name = await here.start()
            await turns(1)
            here.store.open.clear()
            first = asyncio.ensure_future(here.background.cancel(name, "me"))
            await until(lambda: here.store.waiting == 1)
            second = asyncio.ensure_future(here.background.cancel(name, "me"))
            await turns(1)
            here.store.open.set()
            await asyncio.gather(first, second)
            assert await here.status(name) == "cancelled"
            run = here.background.find(name, "me")
            assert run is not None
            assert [data async for data in run.events_from(2)] == []

    run_on_asyncio(play())


def test_the_end_of_the_proxy_fails_what_is_running() -> None:
    async def play() -> None:
        async with scene(never) as here:
            names = [await here.start(number) for number in range(3)]
            await turns(1)
            await here.background.stop()
            assert [await here.status(name) for name in names] == ["failed"] * 3

    run_on_asyncio(play())


def test_a_response_that_cannot_be_kept_has_failed() -> None:
    async def play() -> None:
        async with scene(answering([ANSWER])) as here:
            name = await here.start()
            here.store.broken = True
            run = here.background.find(name, "me")
            assert run is not None
            told = b"".join([data async for data in run.events_from(0)])
            assert b"response.failed" in told
            assert b"response.completed" not in told
            assert (run.response.status, run.response.completed_at) == ("failed", None)

    run_on_asyncio(play())


def test_there_is_room_for_so_many_and_the_oldest_finished_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_module, "MAX_RUNNING", 2)

    async def play() -> None:
        async with scene(never) as here:
            names = [await here.start(number) for number in range(2)]
            with pytest.raises(RateLimited):
                await here.start(2)
            await turns(1)
            first = here.background.find(names[0], "me")
            assert first is not None
            monkeypatch.setattr(background_module, "MAX_FINISHED_BYTES", first.size)
            for name in names:
                await here.background.cancel(name, "me")
            assert here.background.find(names[0], "me") is None
            assert here.background.find(names[1], "me") is not None
            assert here.background.find(names[1], "you") is None
            here.background.forget(names[1], "me")
            assert here.background.find(names[1], "me") is None
            await here.start(3)

    run_on_asyncio(play())
