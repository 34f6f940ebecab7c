"""The gateway of the benchmarks and their client for streams, in one event loop."""

from __future__ import annotations

import asyncio

import pytest
from benchmarks.questions import Question, chat, embed, stream
from benchmarks.streams import Taken, judged, served
from benchmarks.upstream import Line

CONNECTIONS, TIMES = 3, 2


async def answered(question: Question) -> Taken:
    server = await asyncio.get_running_loop().create_server(Line, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        return judged(question, await served(port, question, CONNECTIONS, TIMES, None), TIMES)


@pytest.mark.parametrize(("chunks", "pace_ms"), [(1, 0), (200, 0), (3, 1)])
def test_a_stream_is_as_long_as_its_prompt_says(chunks: int, pace_ms: int) -> None:
    taken = asyncio.run(answered(stream(chunks, pace_ms, raw=True)))
    assert (taken.streams, taken.wrong) == (CONNECTIONS * TIMES, 0)
    assert taken.first_text_ms > 0


def test_a_stream_that_says_something_else_is_wrong() -> None:
    asked = stream(5, 0, raw=True)
    other = Question(asked.path, asked.body, stream(6, 0, raw=True).right)
    assert asyncio.run(answered(other)).wrong == CONNECTIONS * TIMES


def test_a_paced_stream_takes_its_time() -> None:
    async def scene() -> float:
        began_s = asyncio.get_running_loop().time()
        await answered(stream(5, 20, raw=True))
        return asyncio.get_running_loop().time() - began_s

    assert asyncio.run(scene()) >= TIMES * 5 * 0.02


@pytest.mark.parametrize("question", [chat(raw=True), embed("float", raw=True), chat(raw=True, prompt="x" * 300_000)])
def test_whole_requests_are_read_to_their_end_and_answered_right(question: Question) -> None:
    async def scene() -> list[bytes]:
        server = await asyncio.get_running_loop().create_server(Line, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
            bodies = [await ask(reader, writer, question) for _ in range(TIMES)]
            writer.close()
            return bodies

    assert all(question.accepts(body) for body in asyncio.run(scene()))


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, question: Question) -> bytes:
    writer.write(question.request)
    head = await reader.readuntil(b"\r\n\r\n")
    return await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r")[0]))
