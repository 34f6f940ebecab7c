import socket

import pytest

from tests.simulator.running import CHAT, STREAM, everything_from, request_bytes

HI = {"user": "me", "model": "gpt4o", "messages": [{"role": "user", "content": "hi"}]}


def read_until(opened: socket.socket, wanted: bytes) -> bytes:
    data = b""
    while wanted not in data:
        piece = opened.recv(65_536)
        assert piece, f"the connection ended after {data!r}"
        data += piece
    return data


def test_scripted_bytes_are_chunks_of_their_own_even_inside_a_character(gateway):
    gateway.script({"pieces_base64": ["Y2Fmww==", "qQ=="], "piece_delay_s": 0.001})
    with gateway.raw(STREAM, HI) as opened:
        assert b"4\r\ncaf\xc3\r\n1\r\n\xa9\r\n0\r\n\r\n" in read_until(opened, b"0\r\n\r\n")


def test_a_dripping_answer_keeps_its_length(gateway):
    gateway.script({"drip": True, "delay_s": 0.001})
    assert gateway.ask("POST", CHAT, HI).json == {"response": "You said: hi"}


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize(
    ("where", "path", "expected"),
    [
        ("before_headers", CHAT, (b"", b"")),
        ("in_headers", CHAT, (b"HTTP/1.1 200 OK\r\n", b"content-type: text/pl")),
        ("after_headers", CHAT, (b"HTTP/1.1 200 OK\r\n", b"content-length: 27\r\n\r\n")),
        ("mid_body", CHAT, (b"HTTP/1.1 200 OK\r\n", b'{"response":"')),
        ("mid_body", STREAM, (b"HTTP/1.1 200 OK\r\n", b"\r\n")),
        ("in_chunk", CHAT, (b"HTTP/1.1 200 OK\r\n", b"40\r\nthe rest of")),
        ("bad_chunk", STREAM, (b"HTTP/1.1 200 OK\r\n", b"no size\r\nno chunk\r\n")),
        ("not_http", CHAT, (b"220 mail", b"ESMTP\r\n")),
    ],
)
def test_a_dropped_connection_ends_just_there(gateway, where, path, expected, reset):
    gateway.script({"drop": where, "reset": reset})
    opened = gateway.raw(path, HI)
    seen = b""
    try:
        while piece := opened.recv(65_536):
            seen += piece
        was_reset = False
    except ConnectionResetError:
        was_reset = True
    opened.close()
    assert was_reset is reset
    first, last = expected
    assert seen.startswith(first)
    assert seen.endswith(last)
    assert b"0\r\n\r\n" not in seen
    assert gateway.wait_for_outcome("dropped")["ended_s"]


def test_a_stream_breaks_off_after_the_pieces_asked_for(gateway):
    gateway.script({"pieces": ["one", "two", "three"], "drop": "mid_body", "after_pieces": 2})
    assert everything_from(gateway.raw(STREAM, HI)).endswith(b"3\r\none\r\n3\r\ntwo\r\n")


def test_a_chunk_breaks_off_after_the_pieces_asked_for(gateway):
    gateway.script({"pieces": ["one", "two"], "drop": "in_chunk", "after_pieces": 1})
    assert everything_from(gateway.raw(STREAM, HI)).endswith(b"\r\n\r\n3\r\none\r\n40\r\nthe rest of")


def test_a_second_answer_comes_without_a_question(gateway):
    gateway.script({"then": "second_answer"})
    with gateway.raw(CHAT, HI) as opened:
        seen = read_until(opened, b"You said: hi")
        if hasattr(socket, "TCP_CORK"):
            assert b"unasked for" in seen, "in one go: a client could send its next request in between"
        assert b"unasked for" in seen or read_until(opened, b"unasked for")
    assert gateway.ask("GET", "/_simulator/stats").json["received"] == 1


def test_an_idle_connection_is_closed_without_a_word(gateway):
    gateway.script({"then": "idle_close"})
    assert everything_from(gateway.raw(CHAT, HI)).endswith(b'{"response":"You said: hi"}')


def test_a_connection_that_is_used_again_is_not_idle(gateway):
    gateway.script({"then": "idle_close"}, {"delay_s": 0.1})
    with gateway.raw(CHAT, HI) as opened:
        read_until(opened, b"You said: hi")
        opened.sendall(request_bytes(CHAT, HI))
        read_until(opened, b"You said: hi")
    assert len({record["connection"] for record in gateway.received()}) == 1


@pytest.mark.parametrize(
    "act",
    [
        {"stall": "before_headers"},
        {"delay_s": 600},
        {"pieces": ["one", "two"], "stall": "mid_body"},
        {"pieces": ["one", "two"], "piece_delay_s": 600},
    ],
)
@pytest.mark.parametrize("path", [CHAT, STREAM])
def test_a_client_that_leaves_a_silent_answer_is_seen_at_once(gateway, path, act):
    gateway.script(act)
    with gateway.raw(path, HI) as opened:
        if "pieces" in act:
            read_until(opened, b"one")
        record = gateway.wait_for_outcome("open")
        assert record["ended_s"] is None
    assert gateway.wait_for_outcome("client_left")["ended_s"]
    assert gateway.ask("GET", "/_simulator/stats").json == {"open": 0, "received": 1, "client_left": 1}


@pytest.mark.parametrize("path", [CHAT, STREAM])
def test_a_client_that_leaves_a_big_answer_is_seen(gateway, path):
    gateway.script({"big_body_mb": 64})
    with gateway.raw(path, HI) as opened:
        read_until(opened, b"xxx")
    assert gateway.wait_for_outcome("client_left")
