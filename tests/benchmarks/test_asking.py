"""What is asked one by one must be answered right, or nothing is measured."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from benchmarks.asking import ask
from benchmarks.questions import WHOLE, chat

QUESTION = chat(raw=True)
RIGHT = json.dumps({"response": WHOLE}).encode()


def answered(status: str, body: bytes) -> bytes:
    """What is asked of a gateway that answers so."""
    head = f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as threads:
        asking = threads.submit(ask, listener.getsockname()[1], QUESTION)
        opened, _ = listener.accept()
        with opened:
            received = b""
            while not received.endswith(QUESTION.body):
                received += opened.recv(65_536)
            opened.sendall(head + body)
            return asking.result()


def test_a_right_answer_is_handed_back() -> None:
    assert answered("200 OK", RIGHT) == RIGHT


@pytest.mark.parametrize(("status", "body"), [("200 OK", b'{"response": "no"}'), ("502 Bad Gateway", RIGHT)])
def test_a_wrong_answer_is_the_end_of_everything(status: str, body: bytes) -> None:
    with pytest.raises(SystemExit, match="a wrong answer"):
        answered(status, body)
