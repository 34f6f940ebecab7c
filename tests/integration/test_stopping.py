"""While it stops: what has begun goes on to its end, and what comes is turned away in good order."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import openai
import pytest

from tests.integration.proxying import (
    CHAT,
    DEADLINE_S,
    Proxy,
    chat_bytes,
    chats,
    dechunked,
    frames,
    proxying,
    read_until,
    said,
    sdk,
    settings_for,
    text_of,
    wait_until_late,
)
from tests.simulator.running import Gateway, everything_from

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")
STREAMS = 100
PIECES = [f"{number} " for number in range(8)]
ASKING = {path: said("hi") for path in (CHAT, "/v1/completions", "/v1/responses", "/v1/embeddings", "/v1/chat")}
ENDLESS = {"match": "endless", "pieces": ["one", "two"], "stall": "mid_body"}
END = b"data: [DONE]\n\n\r\n0\r\n\r\n"


@pytest.fixture
def own(gateway_url: str, tmp_path: Path) -> Iterator[Proxy]:
    """A proxy that may be stopped, and has its tokenizer loaded, for which all others have to wait."""
    with proxying(tmp_path, gateway_url) as running:
        assert running.ask("POST", CHAT, said("warm up")).status == 200
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stopping")


@pytest.fixture(scope="module")
def stopping(running_gateway: Gateway, gateway_url: str, folder: Path) -> Iterator[Proxy]:
    """A proxy that has begun to stop, and goes on with one stream that does not end before its client leaves."""
    running_gateway.script(ENDLESS)
    with proxying(folder, gateway_url) as running:
        with running.raw(said("endless", stream=True)) as stream:
            read_until(stream, b'"one"')
            running.process.terminate()
            wait_until_late(running)
            yield running
        assert running.wait() == 0
        assert "Traceback" not in running.log.close()


def change_settings(proxy: Proxy, folder: Path, gateway_url: str) -> None:
    (folder / "config.yaml").write_text(json.dumps(settings_for(gateway_url, user="other")))
    proxy.process.send_signal(signal.SIGHUP)


def test_a_hundred_open_streams_get_to_their_end_whatever_has_changed_before(
    own: Proxy, gateway: Gateway, gateway_url: str, tmp_path: Path
) -> None:
    gateway.script({"pieces": PIECES, "piece_delay_s": 0.1, "times": STREAMS})
    begun: list[int] = []

    async def one() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", own.port)
        writer.write(chat_bytes(said("hi", stream=True)))
        data = await reader.readuntil(b'"content":"0 ')
        begun.append(1)
        if len(begun) == STREAMS:
            change_settings(own, tmp_path, gateway_url)
            own.process.terminate()
        data += await reader.read(-1)
        writer.close()
        return data

    async def scene() -> list[bytes]:
        return await asyncio.wait_for(asyncio.gather(*(one() for _ in range(STREAMS))), DEADLINE_S)

    for data in asyncio.run(scene()):
        assert text_of(frames(dechunked(data))) == "".join(PIECES)
        assert data.endswith(END)
    assert own.wait() == 0
    assert own.log.close().count(" 200 ") == STREAMS + 1


@pytest.mark.parametrize("path", [*ASKING, "/v1/models", "/version", "/", "/nothing"])
def test_whoever_comes_late_is_told_so_in_openais_shape(stopping: Proxy, gateway: Gateway, path: str) -> None:
    page = "http://localhost:3000"
    answer = stopping.ask("POST" if path in ASKING else "GET", path, ASKING.get(path), origin=page)
    assert (answer.status, answer.json["error"]["code"]) == (503, "draining")
    assert set(answer.json["error"]) == {"message", "type", "param", "code"}
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["connection"] == "close"
    assert answer.headers["access-control-allow-origin"] == page
    assert chats(gateway.received()) == []


def test_the_sdk_sees_a_503_that_it_may_try_again(stopping: Proxy) -> None:
    with sdk(stopping) as client, pytest.raises(openai.InternalServerError, match="stopping; ask again") as raised:
        client.chat.completions.create(model="argo:gpt-4o", messages=[{"role": "user", "content": "hi"}])
    assert raised.value.status_code == 503


def test_it_is_healthy_to_its_end_but_ready_no_more(stopping: Proxy) -> None:
    assert stopping.ask("GET", "/health").json == {"status": "healthy"}
    ready = stopping.ask("GET", "/health/ready")
    assert (ready.status, ready.json["error"]["code"]) == (503, "draining")


def test_who_comes_late_with_a_large_body_need_not_send_it(stopping: Proxy) -> None:
    with stopping.connect() as late:
        late.sendall(f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n".encode())
        assert b'"draining"' in read_until(late, b"}}")


def test_settings_that_change_at_the_last_moment_let_nobody_in(stopping: Proxy, gateway_url: str, folder: Path) -> None:
    change_settings(stopping, folder, gateway_url)
    stopping.log.wait_for("the configuration has changed")
    assert stopping.ask("POST", CHAT, said("hi")).status == stopping.ask("GET", "/health/ready").status == 503


def test_requests_in_line_are_told_unless_the_answer_before_them_has_said_that_it_is_the_last(
    own: Proxy, gateway: Gateway
) -> None:
    gateway.script({"match": "streamed", "pieces": PIECES, "piece_delay_s": 0.1}, {"match": "whole", "delay_s": 0.5})
    with own.connect() as begun, own.connect() as waiting:
        waiting.sendall(chat_bytes(said("whole")) + chat_bytes(said("second")))
        begun.sendall(chat_bytes(said("streamed", stream=True)) + chat_bytes(said("second")) * 3)
        data = read_until(begun, b'"content":"0 ')
        own.process.terminate()
        data += everything_from(begun)
        whole = everything_from(waiting)
    streamed, mark, rest = data.partition(END)
    assert text_of(frames(dechunked(streamed + mark))) == "".join(PIECES)
    assert rest.startswith(b"HTTP/1.1 503 ")
    assert whole.startswith(b"HTTP/1.1 200 ")
    for last in (rest, whole):
        assert last.count(b"HTTP/1.1 ") == last.count(b"\r\nconnection: close\r\n") == 1
    assert own.wait() == 0
    assert len(chats(gateway.received())) == 3, "with the warming up"


def test_a_body_that_is_still_to_come_is_not_waited_for(own: Proxy) -> None:
    with own.connect() as slow:
        slow.sendall(f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\nexpect: 100-continue\r\n\r\n".encode())
        assert read_until(slow, b"100 Continue")
        own.process.terminate()
        assert b'"draining"' in everything_from(slow)
    assert own.wait() == 0


def test_a_kept_connection_is_not_dropped_and_who_comes_again_and_again_does_not_put_off_the_end(
    own: Proxy, gateway: Gateway
) -> None:
    gateway.script(ENDLESS)
    with own.raw(said("endless", stream=True)) as stream, own.raw(said("hi")) as kept:
        read_until(stream, b'"one"')
        read_until(kept, b"You said: hi")
        own.process.terminate()
        wait_until_late(own)
        kept.sendall(chat_bytes(said("too late")))
        assert everything_from(kept).startswith(b"HTTP/1.1 503 ")
        with coming(own):
            stream.close()
            assert own.wait() == 0


@contextmanager
def coming(proxy: Proxy) -> Iterator[None]:
    """Requests without a pause."""
    ended = threading.Event()

    def come() -> None:
        while not ended.is_set():
            with suppress(OSError, http.client.HTTPException):
                proxy.ask("POST", CHAT, said("hi"))

    threads = [threading.Thread(target=come) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()
