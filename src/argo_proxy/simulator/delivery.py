"""Sends a reply the way an act says: late, slowly, in part or not at all; and sees a client that leaves."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from argo_proxy.simulator.acts import ORDINARY, Act, Drop
from argo_proxy.simulator.asgi import Receive, Send
from argo_proxy.simulator.record import Outcome, Record
from argo_proxy.simulator.replies import Reply
from argo_proxy.simulator.transport import Connection

PIECES_PER_TURN: Final = 16  # uvloop notices a full socket only between two turns of its loop
LAST_BYTES: Final[dict[Drop | None, bytes]] = {
    "in_headers": b"HTTP/1.1 200 OK\r\ncontent-type: text/pl",
    "in_chunk": b"40\r\nthe rest of",
    "bad_chunk": b"no size\r\nno chunk\r\n",
    "not_http": b"220 mail.example ESMTP\r\n",
}
SECOND_ANSWER: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 27\r\n\r\n" + b'{"response": "unasked for"}'
IDLE_S: Final = 0.02


class ClientLeft(Exception):
    """The connection was closed before the whole answer was sent."""


@dataclass(frozen=True, slots=True)
class Wire:
    """The way back to the client; the record ends as `whole` once all of a reply went over it."""

    receive: Receive
    send: Send
    connection: Connection
    record: Record
    whole: Outcome = "answered"

    async def start(self, reply: Reply) -> None:
        headers = list(reply.headers)
        if not reply.chunked:
            headers.append((b"content-length", b"%d" % sum(map(len, reply.pieces))))
        self.record.status = reply.status
        await self.send({"type": "http.response.start", "status": reply.status, "headers": headers})

    async def body(self, piece: bytes, *, more: bool) -> None:
        await self.send({"type": "http.response.body", "body": piece, "more_body": more})
        if self.connection.closed.is_set():
            raise ClientLeft
        if not more:
            self.record.end(self.whole)


async def deliver(reply: Reply, act: Act, wire: Wire) -> None:
    """Send as much of `reply` as `act` allows; the record says how it ended, before the client can know."""
    try:
        await _deliver(reply, act, wire)
    except ClientLeft:
        wire.record.end("client_left")


async def _deliver(reply: Reply, act: Act, wire: Wire) -> None:
    sending = _send(reply, act, wire)
    if act is ORDINARY and not reply.chunked:
        await sending
    else:
        await _unless_the_client_leaves(sending, wire)
    if act.drop:
        wire.record.end("dropped")
        await wire.connection.drop(LAST_BYTES.get(act.drop, b""), reset=act.reset)


async def _send(reply: Reply, act: Act, wire: Wire) -> None:
    if act.delay_s:
        await asyncio.sleep(act.delay_s)
    if act.stall == "before_headers":
        await _for_ever()
    if act.drop in ("before_headers", "in_headers", "not_http"):
        return
    await wire.start(reply)
    if act.drop != "after_headers":
        await _send_whole(reply, act, wire)


async def _send_whole(reply: Reply, act: Act, wire: Wire) -> None:
    """The body, and in one go with it what nobody asked for: the client could send another request in between."""
    match act.then:
        case "second_answer":
            with wire.connection.in_one_go():
                await _send_body(reply, act, wire)
                wire.connection.write(SECOND_ANSWER)
        case "idle_close":
            await _send_body(reply, act, wire)
            wire.connection.close_when_idle(IDLE_S)
        case None:
            await _send_body(reply, act, wire)


async def _send_body(reply: Reply, act: Act, wire: Wire) -> None:
    pieces = _before_the_break(reply.pieces, act.after_pieces) if act.breaks_off else reply.pieces or (b"",)
    last = -1 if act.breaks_off else len(pieces) - 1
    for index, piece in enumerate(pieces):
        if index and act.piece_delay_s:
            await asyncio.sleep(act.piece_delay_s)
        elif index % PIECES_PER_TURN == PIECES_PER_TURN - 1:
            await asyncio.sleep(0)
        await wire.body(piece, more=index != last)
    if act.stall == "mid_body":
        await _for_ever()


def _before_the_break(pieces: Sequence[bytes], after: int | None) -> Sequence[bytes]:
    """The first `after` pieces, or half of them; half of the bytes where there is only one."""
    if len(pieces) == 1 and after is None:
        return (pieces[0][: len(pieces[0]) // 2],)
    return pieces[: len(pieces) // 2 if after is None else after]


async def _unless_the_client_leaves(sending: Coroutine[object, object, None], wire: Wire) -> None:
    """Await `sending`, but give it up and raise ClientLeft as soon as the connection is gone."""
    sent = asyncio.ensure_future(sending)
    left = asyncio.ensure_future(_disconnect(wire))
    try:
        await asyncio.wait((sent, left), return_when=asyncio.FIRST_COMPLETED)
        if not sent.done():
            raise ClientLeft
        sent.result()
    finally:
        sent.cancel()
        left.cancel()


async def _disconnect(wire: Wire) -> None:
    while (await wire.receive())["type"] != "http.disconnect":
        pass


async def _for_ever() -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError("an event that nobody sets was set")
