"""A stream that goes wrong once it is open."""

from __future__ import annotations

import asyncio

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.chat import ChatRequest, Message, Text
from argo_proxy.canonical.events import Event, ReplyFailed, TextDelta
from argo_proxy.tokens import Tokenizers
from argo_proxy.web.delivery import Delivery
from argo_proxy.web.http import Http
from tests.gateway.loopback import Visit, pooling, run_on_asyncio, serving
from tests.relay.relaying import relaying
from tests.web.test_http import Memory

HI = ChatRequest("argo:gpt-4o", (Message("user", (Text("hi"),)),), stream=True)


class Faulty:
    """A renderer that has a fault of its own at the second piece of text."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    def feed(self, _: int, event: Event) -> bytes:
        if isinstance(event, ReplyFailed):
            return b"data: %s\n\n" % event.error.message.encode()
        if not isinstance(event, TextDelta):
            return b""
        if self.begun.is_set():
            raise ZeroDivisionError
        self.begun.set()
        return b"data: %s\n\n" % event.text.encode()

    def finish(self) -> bytes:
        raise AssertionError("this is no good end")


def test_a_fault_of_our_own_in_the_middle_of_a_stream_is_told_in_it() -> None:
    async def play() -> None:
        wire, renderer = Memory(), Faulty()
        http = Http(wire, "POST", "/", {}, chunked=True)

        async def behave(visit: Visit) -> None:
            await visit.request()
            visit.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
            await renderer.begun.wait()
            visit.say(b"3\r\ntwo\r\n")
            await visit.until_left()

        async def last() -> bytes:
            return renderer.finish()

        async with serving(behave) as server, pooling() as pool:
            url = f"http://{server.origin}/"
            delivery = Delivery(relaying(pool, Tokenizers(), argo_url=url, argo_stream_url=url), keep_alive_s=15)
            prepared = await delivery.prepare(http, HI, Caller("jdoe"))
            await delivery.stream(http, prepared, renderer, last)
        assert b"data: one\n\n" in wire.written
        assert b"data: argo-proxy has a fault of its own here" in wire.written
        assert wire.written.endswith(b"0\r\n\r\n")
        assert http.record.error == "internal_error"

    run_on_asyncio(play())
