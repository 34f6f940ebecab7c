"""A client that leaves takes its call at the gateway with it, at once; and connections are used again."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.integration.proxying import CHAT, DEADLINE_S, Proxy, chat_bytes, chats, proxying, read_until, said
from tests.simulator.running import Gateway

AT_ONCE_S = 0.1
TIMES = 20
SITUATIONS: dict[str, tuple[dict[str, Any], dict[str, Any], bytes]] = {
    "whole, before the headers": ({}, {"stall": "before_headers"}, b""),
    "whole, delayed": ({}, {"delay_s": 600}, b""),
    "whole, in the body": ({}, {"text": "x" * 1000, "stall": "mid_body"}, b""),
    "two choices": ({"n": 2}, {"stall": "before_headers", "times": 2}, b""),
    "with a timeout": ({"timeout": 600}, {"stall": "before_headers"}, b""),
    "stream, before the headers": ({"stream": True}, {"stall": "before_headers"}, b""),
    "stream, in the text": ({"stream": True}, {"pieces": ["one", "two"], "stall": "mid_body"}, b'"one"'),
    "stream, between pieces": ({"stream": True}, {"pieces": ["one", "two"], "piece_delay_s": 600}, b'"one"'),
    "stream over a whole call": ({"stream": True, "model": "argo:o1-mini"}, {"stall": "before_headers"}, b""),
    "a stream never read": ({"stream": True}, {"big_body_mb": 64}, b""),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_client_that_leaves_cancels_its_call_at_once(proxy: Proxy, gateway: Gateway, situation: str) -> None:
    """The gateway notes the moment, by the same clock as here. A process's first chat loads the tokenizer, which
    keeps everything waiting for some tenths of a second, once: it is not counted."""
    assert proxy.ask("POST", CHAT, said("warm up")).status == 200
    more, act, wanted = SITUATIONS[situation]
    calls = more.get("n", 1)
    rounds = TIMES if "big_body_mb" not in act else 3
    late = []
    for _ in range(rounds):
        assert gateway.ask("POST", "/_simulator/reset").status == 200
        gateway.script(act)
        with proxy.raw(said("hi", **more)) as opened:
            if wanted:
                read_until(opened, wanted)
            open_calls(gateway, calls)
            left_s = time.monotonic()
        late += [record["ended_s"] - left_s for record in ended(gateway, calls)]
    assert len(late) == rounds * calls
    assert max(late) < AT_ONCE_S


def open_calls(gateway: Gateway, count: int) -> None:
    limit_s = time.monotonic() + DEADLINE_S
    while gateway.ask("GET", "/_simulator/stats").json["open"] < count:
        assert time.monotonic() < limit_s


def ended(gateway: Gateway, count: int) -> list[dict[str, Any]]:
    limit_s = time.monotonic() + DEADLINE_S
    while gateway.ask("GET", "/_simulator/stats").json["client_left"] < count:
        assert time.monotonic() < limit_s
    return gateway.received()


@pytest.mark.parametrize("stream", [False, True])
def test_the_sdks_own_timeout_cancels_the_call(proxy: Proxy, gateway: Gateway, stream: bool) -> None:
    gateway.script({"stall": "before_headers"})
    with (
        openai.OpenAI(base_url=proxy.url, api_key="any", max_retries=0, timeout=0.2) as client,
        pytest.raises(openai.APITimeoutError),
    ):
        client.chat.completions.create(model="argo:gpt-4o", messages=[{"role": "user", "content": "hi"}], stream=stream)
    gateway.wait_for_outcome("client_left")


def test_closing_the_sdks_stream_cancels_the_call(client: openai.OpenAI, gateway: Gateway) -> None:
    gateway.script({"pieces": ["one", "two"], "stall": "mid_body"})
    with client.chat.completions.create(
        model="argo:gpt-4o", messages=[{"role": "user", "content": "hi"}], stream=True
    ) as stream:
        next(stream)
    gateway.wait_for_outcome("client_left")


def test_a_client_that_left_is_a_499_in_the_log_and_no_more(gateway: Gateway, gateway_url: str, tmp_path: Path) -> None:
    with proxying(tmp_path, gateway_url) as proxy:
        for number, stream in enumerate((False, True), 1):
            gateway.script({"stall": "before_headers"})
            with proxy.raw(said("hi", stream=stream)):
                open_calls(gateway, 1)
            proxy.log.wait_for(r"POST  /v1/chat/completions  499 ", times=number)
        assert "Traceback" not in proxy.log.text


def test_a_client_that_leaves_while_the_proxy_connects_is_let_go_at_once(tmp_path: Path) -> None:
    with full_backlog() as port, proxying(tmp_path, f"http://127.0.0.1:{port}") as proxy:
        for number in range(1, 6):
            with proxy.raw(said("hi", stream=number % 2 == 0)):
                pass
            proxy.log.wait_for(" 499 ", times=number)
        assert proxy.ask("GET", "/health").status == 200


@contextmanager
def full_backlog() -> Iterator[int]:
    """The port of a listening socket that answers no connection request any more."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        queued = [socket.socket() for _ in range(3)]
        for one in queued:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]
        for one in queued:
            one.close()


@pytest.mark.parametrize("stream", [False, True])
def test_requests_one_after_the_other_share_one_connection_to_the_gateway(
    proxy: Proxy, gateway: Gateway, stream: bool
) -> None:
    for _ in range(5):
        assert proxy.ask("POST", CHAT, said("hi", stream=stream)).status == 200
    assert len({record["connection"] for record in chats(gateway.received())}) == 1


def test_a_cancelled_call_costs_its_connection_and_no_other_request(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"stall": "before_headers"})
    with proxy.raw(said("leaving")):
        open_calls(gateway, 1)
    gateway.wait_for_outcome("client_left")
    for _ in range(3):
        assert proxy.ask("POST", CHAT, said("staying")).status == 200
    cancelled, *others = chats(gateway.received())
    assert cancelled["connection"] not in {record["connection"] for record in others}


class TinyGateway:
    """A gateway of raw bytes: each connection is handled by the next of the given functions, the last one for ever."""

    def __init__(self, *handlers: Callable[[TinyGateway, socket.socket], None]) -> None:
        self.requests: list[bytes] = []
        self.dropped = threading.Event()
        self._handlers = list(handlers)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(DEADLINE_S)

    def request(self, opened: socket.socket) -> bytes:
        """The next chat request; whatever asks for models is told that there are none."""
        while True:
            data = b""
            while b"\r\n\r\n" not in data or (data.startswith(b"POST") and not data.endswith(b"}")):
                piece = opened.recv(65_536)
                if not piece:
                    return b""
                data += piece
            if data.startswith(b"POST"):
                self.requests.append(data)
                return data
            opened.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def _serve(self) -> None:
        while True:
            try:
                opened, _ = self._listening.accept()
            except OSError:
                return
            handler = self._handlers.pop(0) if len(self._handlers) > 1 else self._handlers[0]
            with opened:
                opened.settimeout(DEADLINE_S)
                handler(self, opened)


def answer(opened: socket.socket, text: str) -> None:
    body = b'{"response": "%s"}' % text.encode()
    opened.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


def once_then_drop(gateway: TinyGateway, opened: socket.socket) -> None:
    """Answers one request, and drops the connection when the next one has come, without a byte."""
    gateway.request(opened)
    answer(opened, "first")
    gateway.request(opened)


def once_then_half(gateway: TinyGateway, opened: socket.socket) -> None:
    gateway.request(opened)
    answer(opened, "first")
    gateway.request(opened)
    opened.sendall(b"HTTP/1.1 200 OK\r\n")


def once_then_idle_close(gateway: TinyGateway, opened: socket.socket) -> None:
    """Closes the connection while it is idle, as web servers do."""
    gateway.request(opened)
    answer(opened, "first")


def always(gateway: TinyGateway, opened: socket.socket) -> None:
    while gateway.request(opened):
        answer(opened, "again")


@contextmanager
def tiny(*handlers: Callable[[TinyGateway, socket.socket], None]) -> Iterator[TinyGateway]:
    gateway = TinyGateway(*handlers)
    try:
        yield gateway
    finally:
        gateway.close()


def texts(proxy: Proxy, count: int) -> list[str]:
    answers = [proxy.ask("POST", CHAT, said("hi")) for _ in range(count)]
    return [a.json["choices"][0]["message"]["content"] if a.status == 200 else str(a.status) for a in answers]


def test_a_stale_connection_is_noticed_by_nobody(tmp_path: Path) -> None:
    with tiny(once_then_drop, always) as gateway, proxying(tmp_path, gateway.url) as proxy:
        assert texts(proxy, 3) == ["first", "again", "again"]
        assert len(gateway.requests) == 4
        assert gateway.requests[1] == gateway.requests[2]


def test_a_connection_closed_while_idle_is_noticed_by_nobody(tmp_path: Path) -> None:
    with tiny(once_then_idle_close, always) as gateway, proxying(tmp_path, gateway.url) as proxy:
        assert texts(proxy, 3) == ["first", "again", "again"]
        assert len(gateway.requests) == 3


def test_nothing_is_sent_twice_once_a_byte_has_come_back(tmp_path: Path) -> None:
    with tiny(once_then_half, always) as gateway, proxying(tmp_path, gateway.url) as proxy:
        assert texts(proxy, 3) == ["first", "502", "again"]
        assert len(gateway.requests) == 3


def test_the_body_of_a_request_is_sent_whole_and_once(proxy: Proxy, gateway: Gateway) -> None:
    text = "é" * 500_000
    with proxy.connect() as opened:
        opened.sendall(chat_bytes(said(text)))
        read_until(opened, b"\r\n\r\n")
    (record,) = wait_until_answered(gateway)
    assert record["body"]["messages"][0]["content"] == text


def wait_until_answered(gateway: Gateway) -> list[dict[str, Any]]:
    gateway.wait_for_outcome("answered")
    return chats(gateway.received())


def test_a_client_that_leaves_with_another_request_in_line_cancels_at_once(proxy: Proxy, gateway: Gateway) -> None:
    """Neither does the request in line, body and all, reach the gateway any more."""
    assert proxy.ask("POST", CHAT, said("warm up")).status == 200
    for _ in range(TIMES):
        assert gateway.ask("POST", "/_simulator/reset").status == 200
        gateway.script({"stall": "before_headers"})
        with proxy.connect() as opened:
            opened.sendall(chat_bytes(said("first")) + chat_bytes(said("second")))
            open_calls(gateway, 1)
            left_s = time.monotonic()
        [record] = ended(gateway, 1)
        assert record["ended_s"] - left_s < AT_ONCE_S
