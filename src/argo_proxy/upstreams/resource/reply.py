"""Answers of the resource API: `{"response": "text"}` from a whole call, bare text from a streamed one."""

from __future__ import annotations

import codecs
import json

import msgspec
from msgspec import Struct

from argo_proxy.canonical.chat import UNCOUNTED
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import (
    Event,
    Events,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
)
from argo_proxy.upstreams.faults import describe


class _Answer(Struct):
    response: str | None = None


_DECODER = msgspec.json.Decoder(_Answer)
_FINISHED = ReplyFinished("stop", UNCOUNTED)


def decode_whole() -> WholeDecoder:
    """A decoder for the JSON of a whole call."""
    return WholeDecoder()


def decode_stream() -> TextDecoder:
    """A decoder for the bare text of a streamed call."""
    return TextDecoder()


class WholeDecoder:
    """Gathers the JSON; every event comes at its end."""

    def __init__(self) -> None:
        self._body = bytearray()

    def feed(self, data: bytes) -> Events:
        self._body += data
        return ()

    def finish(self) -> Events:
        try:
            return _text_events(_decode(bytes(self._body)))
        except UpstreamError as error:
            return (ReplyFailed(error),)


class TextDecoder:
    """UTF-8 that may be cut inside a character; damaged bytes become U+FFFD."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._started = False

    def feed(self, data: bytes) -> Events:
        return self._deltas(self._decoder.decode(data))

    def finish(self) -> Events:
        if self._decoder.getstate()[0]:
            return (ReplyFailed(UpstreamError("ARGO's answer ends inside a character", code="connection_lost")),)
        return (PartEnded(), _FINISHED) if self._started else (ReplyStarted(), _FINISHED)

    def _deltas(self, text: str) -> Events:
        if not text:
            return ()
        if self._started:
            return (TextDelta(text),)
        self._started = True
        return (ReplyStarted(), TextStarted(), TextDelta(text))


def _text_events(text: str) -> Events:
    body: tuple[Event, ...] = (TextStarted(), TextDelta(text), PartEnded()) if text else ()
    return (ReplyStarted(), *body, _FINISHED)


def _decode(body: bytes) -> str:
    try:
        answer = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        answer = _decode_leniently(body)
    if answer.response is None:
        raise UpstreamError(f"ARGO gave no answer: {describe(body)}", code="empty_answer")
    return answer.response


def _decode_leniently(body: bytes) -> _Answer:
    """Once more for answers with half a surrogate pair or damaged UTF-8, which msgspec refuses."""
    try:
        loaded = json.loads(body.decode("utf-8", "replace"))
        answer = msgspec.convert(loaded, _Answer)
    except (ValueError, RecursionError) as error:
        # Errors are logged, so what may hold the text of an answer is not quoted.
        what = "its JSON is damaged" if b'"response"' in body else describe(body)
        raise UpstreamError(f"ARGO's answer cannot be read: {what}", code="bad_answer") from error
    text = answer.response
    return _Answer(text and text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
