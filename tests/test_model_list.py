"""The list of models is read at the start and again and again; what fails leaves the last list in place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time

import pytest

from argo_proxy import model_list
from argo_proxy.canonical.errors import ProxyError, UpstreamError
from argo_proxy.catalog.catalog import built_in
from argo_proxy.catalog.facts import load_facts
from argo_proxy.gateway.images import ImageFetcher
from argo_proxy.model_list import ModelList
from argo_proxy.relay import Calls, Relay
from argo_proxy.settings import Settings
from argo_proxy.telemetry.request_log import LOGGER
from argo_proxy.tokens import Tokenizers
from tests.gateway.loopback import Behaviour, Server, Visit, answering, pooling, run_on_asyncio, serving, until

FACTS = load_facts()
NEW = b'{"data": [{"id": "GPT-9", "internal_id": "gpt9"}]}'
OLD = b'{"data": [{"id": "gpt8", "model_name": "GPT-8"}]}'


def reply(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


class Scene:
    """A list, the relay that it keeps in step, and the server that it asks."""

    def __init__(self, server: Server, relay: Relay, models: ModelList) -> None:
        self.server = server
        self.relay = relay
        self.models = models

    def knows(self, name: str) -> bool:
        return self.relay.catalog.find(name) is not None


@asynccontextmanager
async def scene(behaviour: Behaviour, refresh_h: float = 24) -> AsyncIterator[Scene]:
    async with serving(behaviour) as server, pooling() as pool:
        url = f"http://{server.origin}/models/"
        images = ImageFetcher(allow_private=False, ca_file=None)
        relay = Relay(
            catalog=built_in(FACTS),
            calls=Calls(pool, retries=0, max_concurrency=100),
            images=images,
            tokenizers=Tokenizers(),
            settings=Settings(user="me", argo_url=url, argo_stream_url=url),
        )
        models = ModelList(relay, pool, FACTS, url=url, refresh_h=refresh_h)
        try:
            yield Scene(server, relay, models)
        finally:
            models.stop()


@pytest.mark.parametrize(("body", "name"), [(NEW, "argo:gpt-9"), (OLD, "argo:gpt-8")])
def test_the_list_is_there_when_the_start_is_over(body: bytes, name: str) -> None:
    async def play() -> None:
        async with scene(answering([reply(body)])) as here:
            await here.models.start()
            assert here.knows(name)
            assert not here.knows("argo:gpt-4o")
            assert here.models.from_gateway
            assert abs(here.models.read_s - time()) < 5

    run_on_asyncio(play())


def test_a_silent_gateway_holds_the_start_up_only_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_list, "_START_S", 0.05)

    async def play() -> None:
        gate = asyncio.Event()

        async def behave(visit: Visit) -> None:
            await visit.request()
            await gate.wait()
            visit.say(reply(NEW))
            await visit.until_left()

        async with scene(behave) as here:
            await asyncio.wait_for(here.models.start(), 2)
            assert here.knows("argo:gpt-4o")
            assert not here.models.from_gateway
            gate.set()
            await until(lambda: here.knows("argo:gpt-9"))
            assert here.models.from_gateway

    run_on_asyncio(play())


@pytest.mark.parametrize("bad", [reply(b"", b"500 No"), reply(b"[]"), reply(b'{"data": []}'), b"junk\r\n\r\n"])
def test_a_first_reading_that_fails_is_a_warning_and_is_tried_again(
    bad: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(model_list, "RETRY_S", 0.01)
    monkeypatch.setattr(logging.getLogger(LOGGER), "propagate", True)

    async def play() -> None:
        async with scene(answering([bad, bad, reply(NEW)])) as here:
            await here.models.start()
            assert here.knows("argo:gpt-4o")
            await until(lambda: here.knows("argo:gpt-9"))

    run_on_asyncio(play())
    assert "going on with the built-in table" in caplog.text


def test_it_is_read_again_after_the_time_that_was_set() -> None:
    async def play() -> None:
        async with scene(answering([reply(NEW)], default=reply(OLD)), refresh_h=0.01 / 3600) as here:
            await here.models.start()
            await until(lambda: here.knows("argo:gpt-8"))
            assert not here.knows("argo:gpt-9")

    run_on_asyncio(play())


def test_a_reload_that_fails_says_why_and_keeps_the_old_list() -> None:
    async def play() -> None:
        async with scene(answering([reply(NEW), reply(b'{"detail": "why"}', b"503 No"), reply(OLD)])) as here:
            await here.models.reload()
            read_s = here.models.read_s
            with pytest.raises(ProxyError, match="why") as caught:
                await here.models.reload()
            assert caught.value.http_status == 503
            assert (here.knows("argo:gpt-9"), here.models.read_s) == (True, read_s)
            await here.models.reload()
            assert here.knows("argo:gpt-8")

    run_on_asyncio(play())


def test_reloads_at_the_same_time_share_one_reading() -> None:
    async def play() -> None:
        async with scene(answering(default=reply(NEW))) as here:
            await asyncio.gather(*(here.models.reload() for _ in range(5)))
            assert len(here.server.requests) == 1
            await here.models.reload()
            assert len(here.server.requests) == 2

    run_on_asyncio(play())


def test_one_who_leaves_does_not_spoil_the_reading_of_the_others() -> None:
    async def play() -> None:
        async with scene(answering(default=reply(NEW))) as here:
            leaving, staying = (asyncio.ensure_future(here.models.reload()) for _ in range(2))
            await asyncio.sleep(0)
            leaving.cancel()
            await staying
            assert here.knows("argo:gpt-9")

    run_on_asyncio(play())


def test_a_list_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_list, "MAX_LIST_BYTES", 100)

    async def play() -> None:
        async with scene(answering([reply(b"[" * 101)])) as here:
            with pytest.raises(UpstreamError, match="longer than 100 bytes"):
                await here.models.reload()

    run_on_asyncio(play())


def test_stopping_ends_the_asking() -> None:
    async def play() -> None:
        async with scene(answering(default=reply(NEW)), refresh_h=0.001 / 3600) as here:
            await here.models.start()
            here.models.stop()
            await until(lambda: len(asyncio.all_tasks()) <= 3)

    run_on_asyncio(play())
