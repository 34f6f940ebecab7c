from __future__ import annotations

import json

import pytest
from benchmarks.questions import WHOLE, chat
from benchmarks.streams import is_right
from benchmarks.wrk import Load, judged, length_told, read

TOLD = """\
Running 2s test @ http://127.0.0.1:9
  1 threads and 64 connections
MEASURED {"requests":200,"bytes":200000,"wrong":1,"p50_us":120.5,"p99_us":900.0}
"""
LOAD = Load(200, 200_000, 1, 120.5, 900.0)


def test_what_wrk_tells_is_read() -> None:
    assert read(TOLD) == LOAD


@pytest.mark.parametrize(("length", "wrong"), [(1000, 1), (1005, 1), (1100, 200), (900, 200)])
def test_answers_of_another_mean_length_are_all_wrong(length: int, wrong: int) -> None:
    assert judged(LOAD, length).wrong == wrong


@pytest.mark.parametrize(
    ("answer", "length"),
    [
        (b"", 1),
        (b"HTTP/1.1 200 OK\r\n", 18),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 43),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", 43),
    ],
)
def test_an_answer_is_read_to_its_end(answer: bytes, length: int) -> None:
    assert length_told(answer) == length


def test_an_answer_with_another_status_is_wrong_whatever_it_says() -> None:
    body = json.dumps({"response": WHOLE}).encode()
    assert is_right(chat(raw=True), b"HTTP/1.1 200 OK\r\n\r\n" + body)
    assert not is_right(chat(raw=True), b"HTTP/1.1 502 Bad Gateway\r\n\r\n" + body)
