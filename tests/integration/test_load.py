"""Many at once, and clients that do not read."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from tests.integration.proxying import (
    CHAT,
    DEADLINE_S,
    Proxy,
    chat_bytes,
    dechunked,
    frames,
    said,
    sdk,
    text_of,
    wait_for,
)
from tests.simulator.running import Gateway

with_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
STREAMS = 100
UNREAD = 8
MIB = 2**20


async def streamed(port: int, text: str, model: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(chat_bytes(said(text, model, stream=True)))
    answer = await reader.readuntil(b"\r\n0\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return dechunked(answer)


def test_a_hundred_streams_at_once_lose_and_mix_up_nothing(proxy: Proxy, gateway: Gateway) -> None:
    models = ("argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro", "argo:o3")
    prompts = [f"<{number}>" + f"{number} é日🚀 " * (number * 3) for number in range(STREAMS)]

    async def scene() -> list[bytes]:
        calls = (streamed(proxy.port, text, models[at % 4]) for at, text in enumerate(prompts))
        return await asyncio.wait_for(asyncio.gather(*calls), DEADLINE_S)

    bodies = asyncio.run(scene())
    for prompt, body in zip(prompts, bodies, strict=True):
        assert text_of(frames(body)) == f"You said: {prompt}"
        assert body.count(b"[DONE]") == body.count(b'"finish_reason":"stop"') == 1
    assert gateway.ask("GET", "/_simulator/stats").json == {"open": 0, "received": STREAMS, "client_left": 0}


def test_the_asynchronous_sdk_runs_many_side_by_side(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"delay_s": 0.3, "times": 40})

    async def one(client: AsyncOpenAI, number: int) -> str | None:
        completion = await client.chat.completions.create(
            model="argo:gpt-4o", messages=[{"role": "user", "content": str(number)}]
        )
        return completion.choices[0].message.content

    async def scene() -> list[str | None]:
        http_client = DefaultAsyncHttpxClient(verify=False)
        async with AsyncOpenAI(base_url=proxy.url, api_key="any", max_retries=0, http_client=http_client) as client:
            return list(await asyncio.gather(*(one(client, number) for number in range(40))))

    started_s = time.monotonic()
    assert asyncio.run(scene()) == [f"You said: {number}" for number in range(40)]
    assert time.monotonic() - started_s < 40 * 0.3 / 3, "they were answered one after the other"


@with_proc
def test_clients_that_do_not_read_fill_no_memory_and_hold_nobody_up(proxy: Proxy, gateway: Gateway) -> None:
    asked = said("hi", stream=True)
    proxy.ask("POST", CHAT, asked)  # loads the tokenizer
    before = proxy.resident_bytes()
    gateway.script({"match": "reads nothing", "big_body_mb": 20, "times": UNREAD})
    with ExitStack() as stack:
        for _ in range(UNREAD):
            stack.enter_context(proxy.raw(said("reads nothing", stream=True), receive_buffer=4096))
        for number in range(20):
            assert (
                text_of(frames(proxy.ask("POST", CHAT, said(str(number), stream=True)).body)) == f"You said: {number}"
            )
        records = [record for record in gateway.received() if "reads nothing" in json.dumps(record["body"])]
        assert [record["outcome"] for record in records] == ["open"] * UNREAD, "the gateway is held back"
        assert proxy.resident_bytes() - before < UNREAD * MIB
    wait_for(gateway, lambda records: not any(record["outcome"] == "open" for record in records))


def test_a_slow_reader_gets_every_byte(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"big_body_mb": 2})
    with proxy.raw(said("hi", stream=True), receive_buffer=4096) as opened:
        answer = b""
        while not answer.endswith(b"\r\n0\r\n\r\n"):
            answer += opened.recv(16_384)
    body = dechunked(answer)
    assert len(text_of(frames(body))) == 2_000_000
    assert body.endswith(b"data: [DONE]\n\n")


def test_a_big_answer_is_whole_in_every_mode(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"big_body_mb": 4, "times": 2})
    for stream in (False, True):
        answer = proxy.ask("POST", CHAT, said("hi", stream=stream))
        text = text_of(frames(answer.body)) if stream else answer.json["choices"][0]["message"]["content"]
        assert text == "x" * 4_000_000


def test_a_big_answer_comes_in_pieces_that_are_not_too_many(pseudo: Proxy, gateway: Gateway) -> None:
    """Each costs a frame, and all of them are made at once."""
    gateway.script({"big_body_mb": 1})
    body = pseudo.ask("POST", CHAT, said("hi", stream=True)).body
    assert 500 < body.count(b"data: ") < 1_010
    assert len(text_of(frames(body))) == 1_000_000


@with_proc
def test_memory_does_not_grow_with_the_number_of_requests(proxy: Proxy) -> None:
    with sdk(proxy) as client:

        def ask(count: int) -> int:
            for number in range(count):
                client.chat.completions.create(
                    model="argo:gpt-4o", messages=[{"role": "user", "content": f"{number} " * 100}]
                )
            return proxy.resident_bytes()

        before = ask(100)
        assert ask(300) - before < 10 * MIB
