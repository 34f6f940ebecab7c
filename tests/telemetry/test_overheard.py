"""What is kept of one exchange."""

from __future__ import annotations

from argo_proxy.telemetry.excerpt import ROOM
from argo_proxy.telemetry.overheard import Overheard
from argo_proxy.telemetry.redaction import HIDDEN, Redaction


def overheard() -> Overheard:
    return Overheard(Redaction(["key-of-the-lab"]).hide)


def test_where_nothing_was_said_nothing_is_told() -> None:
    heard = overheard()
    assert (heard.request, heard.answer) == (None, None)


def test_both_sides_are_told_without_keys() -> None:
    heard = overheard()
    heard.ask(b'{"a": "key-of-the-lab"}')
    heard.tell(b"key-of-the-lab")
    assert (heard.request, heard.answer) == (f'{{"a": "{HIDDEN}"}}', HIDDEN)


def test_a_key_that_comes_in_pieces_is_hidden() -> None:
    events, text = overheard(), overheard()
    for piece in ("sk-", "x7Qw", "9Zr2", "Lm4T and ", "key-", "of-the", "-lab"):
        events.tell_piece(b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % piece.encode())
        text.tell_piece(piece.encode())
    assert events.answer == f'data: {{"choices":[{{"delta":{{"content":"{HIDDEN} and {HIDDEN}"}}}}]}}'
    assert text.answer == f"{HIDDEN} and {HIDDEN}"


def test_of_an_endless_stream_the_beginning_is_kept() -> None:
    heard = overheard()
    piece = b"word " * 2_000
    for _ in range(1_000):
        heard.tell_piece(piece)
    told = heard.answer or ""
    assert told.startswith("word word")
    assert told.endswith("<9,960,000 more bytes>")
    assert len(told) < ROOM + 100


def test_of_a_long_stream_of_events_the_beginning_and_the_end_are_kept() -> None:
    heard = overheard()
    for number in range(50_000):
        heard.tell_piece(b'data: {"choices":[{"delta":{"content":"%d "}}]}\n\n' % number)
    heard.tell_piece(b'data: {"error":{"code":"upstream_error"}}\n\n')
    told = heard.answer or ""
    assert '"content":"0 1 2 3' in told
    assert told.count("\n") == 1
    assert 'data: {"error":{"code":"upstream_error"}}<' in told
    assert len(told) < 3_000
