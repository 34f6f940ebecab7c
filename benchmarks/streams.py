"""Many streams at once, by one client. Every byte of every answer is judged, after the time has been taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import cast

from msgspec import Struct

from benchmarks.questions import Question, piece

LIMIT_S = 120.0
_END = b"\r\n0\r\n\r\n"
_FIRST = piece(0).encode()


class Taken(Struct, frozen=True):
    """Of a run of streams: those that were wrong, and the median time to the first piece of text."""

    streams: int
    wrong: int
    first_text_ms: float


class Answer(Struct):
    """As it came; `first_s` is when text was in it."""

    asked_s: float
    parts: list[bytes]
    first_s: float | None = None


class Client(asyncio.Protocol):
    """One connection, on which a question is asked again and again."""

    def __init__(self, request: bytes, times: int) -> None:
        self.answers: list[Answer] = []
        self.ended = asyncio.get_running_loop().create_future()
        self._request = request
        self._times = times
        self._tail = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def ask(self) -> None:
        self._tail = b""
        self.answers.append(Answer(perf_counter(), []))
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        answer = self.answers[-1]
        answer.parts.append(data)
        if answer.first_s is None and _FIRST in data:
            answer.first_s = perf_counter()
        self._tail = (self._tail + data)[-len(_END) :]
        if self._tail == _END:
            self._go_on()

    def _go_on(self) -> None:
        if len(self.answers) < self._times:
            self.ask()
        elif not self.ended.done():
            self.ended.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        if not self.ended.done():
            self.ended.set_result(None)

    def close(self) -> None:
        self._transport.abort()


def stream(
    port: int, question: Question, connections: int, times: int, midway: Callable[[], None] | None = None
) -> Taken:
    """So many connections, each with so many streams, one after the other; `midway` is called once all have begun."""
    import uvloop  # there is none for Windows

    clients = uvloop.run(served(port, question, connections, times, midway))
    return judged(question, clients, times)


async def served(
    port: int, question: Question, connections: int, times: int, midway: Callable[[], None] | None
) -> list[Client]:
    """The clients, each with its answers, once all have been answered or have waited too long."""
    loop = asyncio.get_running_loop()
    opening = (
        loop.create_connection(lambda: Client(question.request, times), "127.0.0.1", port) for _ in range(connections)
    )
    clients = [client for _, client in await asyncio.gather(*opening)]
    for client in clients:
        client.ask()
    if midway is not None:
        await _until_all_have_begun(clients)
        midway()
    await asyncio.wait([client.ended for client in clients], timeout=LIMIT_S)
    for client in clients:
        client.close()
    return clients


async def _until_all_have_begun(clients: list[Client]) -> None:
    while any(client.answers[0].first_s is None and not client.ended.done() for client in clients):  # noqa: ASYNC110
        await asyncio.sleep(0.05)


def judged(question: Question, clients: list[Client], times: int) -> Taken:
    answers = [answer for client in clients for answer in client.answers]
    right = sum(is_right(question, b"".join(answer.parts)) for answer in answers)
    first_s = [answer.first_s - answer.asked_s for answer in answers if answer.first_s is not None]
    streams = len(clients) * times
    return Taken(streams, streams - right, median(first_s) * 1000 if first_s else float("nan"))


def is_right(question: Question, answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.startswith(b"HTTP/1.1 200 ") and question.accepts(body)
