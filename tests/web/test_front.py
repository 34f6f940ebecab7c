"""Which site answers when one takes over from another."""

from __future__ import annotations

import asyncio

from argo_proxy.canonical.errors import BadRequest, ProxyError
from argo_proxy.web.front import Front
from argo_proxy.web.http import Http
from tests.gateway.loopback import run_on_asyncio
from tests.web.test_http import Memory


class Place:
    """A site that answers when it is open, and remembers whom."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.begun: list[str] = []
        self.refused: list[str] = []

    async def handle(self, http: Http) -> None:
        self.begun.append(http.path)
        await self.open.wait()

    def refuse(self, http: Http, _error: ProxyError) -> None:
        self.refused.append(http.path)


def request(name: str) -> Http:
    return Http(Memory(), "GET", name, {})


def test_the_old_site_goes_when_it_has_given_its_last_answer() -> None:
    async def play() -> None:
        old, new = Place(), Place()
        front = Front(old)
        first = asyncio.ensure_future(front.handle(request("first")))
        await asyncio.sleep(0)
        replacing = asyncio.ensure_future(front.replace(new))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(front.handle(request("second")))
        await asyncio.sleep(0)
        assert (old.begun, new.begun) == (["first"], ["second"])
        assert not replacing.done()
        old.open.set()
        await asyncio.gather(first, replacing)
        assert not second.done()
        new.open.set()
        await second

    run_on_asyncio(play())


def test_an_idle_site_goes_at_once_and_one_that_is_left_counts_as_idle() -> None:
    async def play() -> None:
        old, new = Place(), Place()
        front = Front(old)
        answering = asyncio.ensure_future(front.handle(request("left")))
        await asyncio.sleep(0)
        answering.cancel()
        await asyncio.wait([answering])
        await front.replace(new)
        front.refuse(request("bad"), BadRequest("no request"))
        assert (old.refused, new.refused) == ([], ["bad"])

    run_on_asyncio(play())
