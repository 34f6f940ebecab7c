"""Whoever leaves, from whichever endpoint and at whichever moment, takes every call to the gateway along, at once."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.integration.proxying import CHAT, Proxy, chat_bytes, chats, read_until, said, wait_for
from tests.simulator.running import Gateway

AT_ONCE_S = 0.1
HI = [{"role": "user", "content": "TAG"}]
TEXT = {"pieces": ["one ", "two ", "three"], "stall": "mid_body"}
SILENCE = {"stall": "before_headers"}
HALF = {"text": "x" * 2000, "stall": "mid_body"}
TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]
RESPONSES, PASSED, EMBEDDINGS = "/v1/responses", "/v1/chat", "/v1/embeddings"


class Scene(NamedTuple):
    """A request, what the gateway does with it, what the client reads before it leaves, and how many calls it makes."""

    path: str
    body: dict[str, Any]
    act: dict[str, Any]
    read: bytes = b""
    calls: int = 1


def chat(**more: object) -> dict[str, Any]:
    return {"model": "argo:gpt-4o", "messages": HI, **more}


def response(**more: object) -> dict[str, Any]:
    return {"model": "argo:gpt-4o", "input": "TAG", **more}


SCENES = (
    *(Scene(CHAT, chat(), act) for act in (SILENCE, HALF, {"delay_s": 600})),
    Scene(CHAT, chat(n=3), SILENCE, calls=3),
    Scene(CHAT, chat(timeout=600), SILENCE),
    Scene(CHAT, chat(response_format={"type": "json_object"}), SILENCE),
    Scene(CHAT, chat(stream=True), SILENCE),
    Scene(CHAT, chat(stream=True), TEXT, b"one "),
    Scene(CHAT, chat(stream=True), {"pieces": ["one ", "two"], "piece_delay_s": 600}, b"one "),
    Scene(CHAT, chat(stream=True, n=2), TEXT, b"one ", calls=2),
    Scene(CHAT, chat(stream=True, tools=TOOLS), SILENCE, b"200 OK"),
    Scene(CHAT, chat(stream=True, model="argo:o1-mini"), HALF, b"200 OK"),
    Scene("/v1/completions", {"model": "argo:gpt-4o", "prompt": "TAG"}, SILENCE),
    Scene("/v1/completions", {"model": "argo:gpt-4o", "prompt": ["TAG", "TAG too"]}, SILENCE, calls=2),
    Scene("/v1/completions", {"model": "argo:gpt-4o", "prompt": "TAG", "stream": True}, TEXT, b"one "),
    *(Scene(RESPONSES, response(), act) for act in (SILENCE, HALF)),
    Scene(RESPONSES, response(stream=True), SILENCE),
    Scene(RESPONSES, response(stream=True), TEXT, b"one "),
    Scene("/v1/responses/compact", response(), SILENCE),
    Scene(EMBEDDINGS, {"model": "argo:text-embedding-3-small", "input": "TAG"}, SILENCE),
    Scene(EMBEDDINGS, {"model": "argo:text-embedding-3-small", "input": ["TAG"] * 40}, SILENCE, calls=3),
    Scene("/v1/embed", {"model": "v3small", "prompt": ["TAG"]}, SILENCE),
    *(Scene(PASSED, {"model": "gpt4o", "messages": HI}, act) for act in (SILENCE, HALF)),
    Scene(PASSED, {"model": "gpt4o", "messages": HI, "stream": True}, TEXT, b"one "),
)


def close(opened: socket.socket) -> None:
    opened.close()


def reset(opened: socket.socket) -> None:
    """As a process does that is killed with something unread."""
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    opened.close()


def half_close(opened: socket.socket) -> None:
    opened.shutdown(socket.SHUT_WR)


def in_line(data: bytes) -> bytes:
    return data + chat_bytes(said("in line"))


def after_another(data: bytes) -> bytes:
    return b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n" + data


WAYS: tuple[tuple[Callable[[socket.socket], None], Callable[[bytes], bytes]], ...] = (
    (close, bytes), (reset, in_line), (half_close, after_another), (close, in_line),
)  # fmt: skip


@pytest.mark.parametrize(("leave", "around"), WAYS)
def test_whoever_leaves_takes_the_calls_along_at_once(
    proxy: Proxy, gateway: Gateway, leave: Callable[[socket.socket], None], around: Callable[[bytes], bytes]
) -> None:
    """All scenes at once, and then one after the other leaves. The gateway notes the moment by the same clock."""
    assert proxy.ask("POST", CHAT, said("warm up")).status == 200
    assert gateway.ask("POST", "/_simulator/reset").status == 200
    opened = [begun(proxy, gateway, f"scene-{number}-", scene, around) for number, scene in enumerate(SCENES)]
    count = sum(scene.calls for scene in SCENES)
    wait_for(gateway, lambda records: len(chats(records)) == count)
    left_s = []
    for one in opened:
        left_s.append(time.monotonic())
        leave(one)
    records = wait_for(gateway, lambda records: all(record["outcome"] != "open" for record in records))
    for one in opened:
        one.close()
    late = []
    for record in records:
        number = next(at for at in range(len(SCENES)) if f"scene-{at}-" in json.dumps(record["body"]))
        assert record["outcome"] == "client_left", SCENES[number]
        late.append((record["ended_s"] - left_s[number], number))
    assert len(late) == count
    assert max(late)[0] < AT_ONCE_S, SCENES[max(late)[1]]


def begun(proxy: Proxy, gateway: Gateway, tag: str, scene: Scene, around: Callable[[bytes], bytes]) -> socket.socket:
    """A connection on which the scene has come to the moment of leaving."""
    gateway.script({"match": tag, "times": scene.calls, **scene.act})
    opened = proxy.connect()
    opened.sendall(around(chat_bytes(json.loads(json.dumps(scene.body).replace("TAG", tag)), scene.path)))
    if scene.read:
        read_until(opened, scene.read)
    return opened


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_whoever_leaves_before_the_request_is_complete_has_asked_nothing(
    proxy: Proxy, gateway: Gateway, share: float
) -> None:
    for scene in SCENES:
        data = chat_bytes(scene.body, scene.path)
        with proxy.connect() as opened:
            opened.sendall(data[: int(len(data) * share)])
    assert proxy.ask("POST", CHAT, said("the next")).status == 200
    assert len(chats(gateway.received())) == 1


def test_whoever_leaves_after_the_last_byte_costs_no_connection_to_the_gateway(proxy: Proxy, gateway: Gateway) -> None:
    for _ in range(20):
        with proxy.raw(said("hi", stream=True)) as opened:
            read_until(opened, b"\r\n0\r\n\r\n")
    records = chats(gateway.received())
    assert {record["outcome"] for record in records} == {"answered"}
    assert len({record["connection"] for record in records}) == 1
