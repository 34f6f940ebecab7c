"""When a stream opens, and when it says that it is still there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from argo_proxy.web.event_stream import KEEP_ALIVE, EventStream
from argo_proxy.web.http import Http
from tests.gateway.loopback import turns, until

SOON_S = 0.02
NEVER_S = 3600.0


class Wire:
    """Keeps what is written; `congested` stands for a client that does not read."""

    peer = ""

    def __init__(self) -> None:
        self.congested = False
        self.written = b""
        self.drained = asyncio.Event()

    def write(self, *pieces: bytes) -> None:
        self.written += b"".join(pieces)

    async def drain(self) -> None:
        await self.drained.wait()

    def abort(self) -> None:
        raise AssertionError("nobody breaks off here")

    @property
    def body(self) -> bytes:
        return self.written.partition(b"\r\n\r\n")[2]


def played(
    scene: Callable[[Wire, EventStream], Coroutine[Any, Any, None]], *, open_after_s: float, keep_alive_s: float
) -> Wire:
    async def play() -> Wire:
        wire = Wire()
        stream = EventStream(Http(wire, "POST", "/", {}), open_after_s=open_after_s, keep_alive_s=keep_alive_s)
        try:
            await asyncio.wait_for(scene(wire, stream), 10)
        finally:
            stream.close()
        return wire

    return asyncio.run(play())


def test_nothing_is_said_before_the_first_frame_which_opens_the_stream() -> None:
    async def scene(wire: Wire, stream: EventStream) -> None:
        await turns()
        assert (wire.written, stream.opened) == (b"", False)
        stream.write(b"data: 1\n\n")
        assert stream.opened
        stream.end(b"data: [DONE]\n\n")

    wire = played(scene, open_after_s=NEVER_S, keep_alive_s=NEVER_S)
    assert wire.written.startswith(b"HTTP/1.1 200 OK\r\n")
    assert wire.body == b"data: 1\n\ndata: [DONE]\n\n"


def test_the_end_alone_opens_the_stream_too() -> None:
    async def scene(_: Wire, stream: EventStream) -> None:
        stream.end(b"data: [DONE]\n\n")

    assert played(scene, open_after_s=NEVER_S, keep_alive_s=NEVER_S).body == b"data: [DONE]\n\n"


def test_silence_opens_the_stream_with_a_comment_and_repeats_it() -> None:
    async def scene(wire: Wire, stream: EventStream) -> None:
        await until(lambda: wire.body.count(KEEP_ALIVE) == 3)
        stream.write(b"data: 1\n\n")

    body = played(scene, open_after_s=0.0, keep_alive_s=SOON_S).body
    assert body.startswith(KEEP_ALIVE * 3)
    assert body.replace(KEEP_ALIVE, b"") == b"data: 1\n\n"


def test_while_there_is_something_to_say_no_comment_comes() -> None:
    async def scene(_: Wire, stream: EventStream) -> None:
        end_s = asyncio.get_running_loop().time() + 5 * SOON_S
        while asyncio.get_running_loop().time() < end_s:
            stream.write(b"data: 1\n\n")
            await asyncio.sleep(0)

    assert KEEP_ALIVE not in played(scene, open_after_s=SOON_S, keep_alive_s=SOON_S).body


def test_a_client_that_does_not_read_gets_no_comments_and_holds_the_writer() -> None:
    async def scene(wire: Wire, stream: EventStream) -> None:
        wire.congested = True
        assert not stream.write(b"data: 1\n\n")
        writing = asyncio.ensure_future(stream.drain())
        await asyncio.sleep(5 * SOON_S)  # time must pass here: it is what is tested
        assert not writing.done()
        wire.drained.set()
        await writing

    assert KEEP_ALIVE not in played(scene, open_after_s=SOON_S, keep_alive_s=SOON_S).body


def test_nothing_comes_after_the_stream_was_closed() -> None:
    async def scene(wire: Wire, stream: EventStream) -> None:
        await until(lambda: KEEP_ALIVE in wire.body)
        stream.close()
        before = wire.body
        await asyncio.sleep(3 * SOON_S)  # time must pass here: it is what is tested
        assert wire.body == before

    played(scene, open_after_s=0.0, keep_alive_s=SOON_S)
