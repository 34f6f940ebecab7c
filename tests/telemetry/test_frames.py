"""Events that grow one text are one."""

from __future__ import annotations

import json

from argo_proxy.telemetry.frames import Frames


def joined(*data: bytes) -> list[str]:
    frames = Frames()
    for one in data:
        frames.feed(one)
    return frames.joined().decode().split("\n")


def chunk(text: str, choice: int = 0) -> bytes:
    return (
        b"data: %s\n\n"
        % json.dumps(
            {"id": "1", "choices": [{"index": choice, "delta": {"content": text}}]}, separators=(",", ":")
        ).encode()
    )


def test_the_pieces_of_a_text_are_joined_for_each_choice() -> None:
    lines = joined(
        chunk("one "), chunk("uno ", 1) + chunk('"two"'), b": keep-alive\n\n", chunk("dos\n", 1), b"data: [DONE]\n\n"
    )
    assert len(lines) == 2
    texts = [json.loads(line[6:])["choices"][0]["delta"]["content"] for line in lines[:2]]
    assert texts == ['one "two"', "uno dos\n"]


def test_events_that_are_numbered_are_joined_too() -> None:
    frame = b'event: x.delta\ndata: {"type":"x.delta","sequence_number":%d,"delta":"%s"}\n\n'
    assert joined(frame % (4, b"a"), frame % (5, b"b")) == ['data: {"type":"x.delta","delta":"ab"}']


def test_large_events_and_those_without_a_text_stand_for_themselves() -> None:
    large = b'data: {"text":"%s"}\n\n' % (b"a" * 5_000)
    assert joined(large, large, b'data: {"choices":[]}\n\n') == [large[:-2].decode(), 'data: {"choices":[]}']


def test_what_is_no_event_is_text() -> None:
    assert joined(b"plain\n\n", b"text, data: none\n\n") == ["plain", "", "text, data: none", "", ""]


def test_of_what_is_not_kept_the_last_event_without_a_text_is() -> None:
    frames = Frames()
    frames.feed(chunk("one "))
    for data in (
        chunk("two "),
        b'data: {"usage":1}\n\n',
        chunk("three"),
        b'data: {"error":2}\n\ndata: [DONE]\n\n',
        b"text",
    ):
        frames.skip(data)
    assert frames.joined().decode().split("\n")[1:] == ['data: {"error":2}']
    assert "two" not in frames.joined().decode()


def test_the_size_counts_what_is_kept() -> None:
    frames = Frames()
    frames.feed(chunk("one "))
    once = frames.size
    frames.feed(chunk("two "))
    assert frames.size == once + len("two ") == len(frames.joined())
