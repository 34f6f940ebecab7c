"""A benchmark that takes a wrong answer for a right one measures nothing."""

from __future__ import annotations

import json
import struct
from base64 import b64encode

import pytest
from benchmarks.questions import (
    INPUTS,
    NUMBERS,
    VECTOR,
    WHOLE,
    chat,
    conversation,
    dechunked,
    embed,
    embeddings,
    piece,
    stream,
    streamed,
)

CHUNKS = 3


def chunked(*parts: str) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part.encode()), part.encode()) for part in (*parts, ""))


def frame(delta: object, reason: str | None = None) -> str:
    return f"data: {json.dumps({'choices': [{'delta': delta, 'finish_reason': reason}]})}\n\n"


def frames(text: str, *ends: str) -> bytes:
    return chunked(": keep-alive\n\n", frame({"role": "assistant", "content": ""}), frame({"content": text}), *ends)


def completion(text: str, reason: str = "stop", tokens: int = 7) -> bytes:
    choice = {"message": {"content": text}, "finish_reason": reason}
    return json.dumps({"choices": [choice], "usage": {"completion_tokens": tokens}}).encode()


STOP, DONE = frame({}, "stop"), "data: [DONE]\n\n"
TEXT = streamed(CHUNKS)


def test_a_stream_says_the_words_again_and_again() -> None:
    assert streamed(4) == piece(0) + piece(1) + piece(2) + piece(3)
    assert streamed(4).startswith("the quick brown fox jumps over a lazy dog and keeps on running the quick")


def test_what_was_cut_into_chunks_is_joined() -> None:
    assert dechunked(chunked("a", "é" * 20)) == ("a" + "é" * 20).encode()


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (completion(WHOLE), True),
        (completion(WHOLE[:-1]), False),
        (completion(WHOLE, "length"), False),
        (completion(WHOLE, tokens=0), False),
        (b'{"error": {"message": "no"}}', False),
        (b"<html>", False),
        (b"\xff", False),
    ],
)
def test_a_completion_is_right_if_it_is_whole(answer: bytes, right: bool) -> None:
    assert chat(raw=False).accepts(answer) is right


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (frames(TEXT, STOP, DONE), True),
        (frames(TEXT[:-1], STOP, DONE), False),
        (frames(TEXT, DONE), False),
        (frames(TEXT, STOP, STOP, DONE), False),
        (frames(TEXT, STOP), False),
        (frames(TEXT, STOP, DONE)[:-9], False),
        (b"", False),
    ],
)
def test_a_stream_is_right_if_it_says_all_and_ends_once(answer: bytes, right: bool) -> None:
    assert stream(CHUNKS, 0, raw=False).accepts(answer) is right


def test_nginx_gives_right_answers_in_argos_own_form() -> None:
    assert chat(raw=True).accepts(json.dumps({"response": WHOLE}).encode())
    assert not chat(raw=True).accepts(completion(WHOLE))
    assert stream(CHUNKS, 0, raw=True).accepts(chunked(TEXT))
    assert not stream(CHUNKS, 0, raw=True).accepts(chunked(TEXT[1:]))
    assert embed("float", raw=True).accepts(json.dumps(embeddings()).encode())


def test_every_number_of_every_vector_counts() -> None:
    def answer(vector: list[float]) -> bytes:
        return json.dumps({"data": [{"embedding": vector}] * INPUTS}).encode()

    question = embed("float", raw=False)
    assert question.accepts(answer(VECTOR))
    assert not question.accepts(answer([*VECTOR[:-1], 0.5]))
    assert not question.accepts(answer(VECTOR[:-1]))


def test_every_bit_of_every_packed_vector_counts() -> None:
    def answer(packed: bytes) -> bytes:
        return json.dumps({"data": [{"embedding": b64encode(packed).decode()}] * INPUTS}).encode()

    question = embed("base64", raw=False)
    packed = struct.pack(f"<{NUMBERS}f", *VECTOR)
    assert question.accepts(answer(packed))
    assert not question.accepts(answer(packed[:-1] + b"\0"))


def test_the_user_has_the_last_word_in_a_conversation() -> None:
    messages = json.loads(conversation(["a", "b", "c", "d"]).body)["messages"]
    roles = [message["role"] for message in messages]
    assert roles == ["system", "assistant", "user", "assistant", "user"]


def test_a_request_is_as_long_as_it_says() -> None:
    head, _, body = chat(raw=False).request.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
