"""Answers of the resource API: JSON from a whole call, bare text from a streamed one.

`{"response": "text"}`, or with tools `{"response": {"content": "text or null", "tool_calls": [..]}}`.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator

import msgspec

from argo_proxy.canonical.chat import UNCOUNTED
from argo_proxy.canonical.errors import ProxyError, UpstreamError
from argo_proxy.canonical.events import (
    ArgumentsDelta,
    Event,
    Events,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
    ToolCallStarted,
)
from argo_proxy.upstreams.faults import describe
from argo_proxy.upstreams.notices import notice_in, spoken_notice, unreadable
from argo_proxy.upstreams.resource.answer import Answer, Spoken
from argo_proxy.upstreams.resource.calls import is_complete, read_call

_DECODER = msgspec.json.Decoder(Answer)
_STOPPED = ReplyFinished("stop", UNCOUNTED)
_CALLED = ReplyFinished("tool_calls", UNCOUNTED)
_CUT_OFF = ReplyFinished("length", UNCOUNTED)


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
            spoken = _decode(bytes(self._body))
            return _told(spoken) if isinstance(spoken, str) else tuple(_events(spoken))
        except ProxyError as error:
            return (ReplyFailed(error),)


class TextDecoder:
    """UTF-8 that may be cut inside a character; damaged bytes become U+FFFD."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._cut = False
        self._started = False

    def feed(self, data: bytes) -> Events:
        try:
            text = self._slowly(data) if self._cut else data.decode()
        except UnicodeDecodeError:
            text = self._slowly(data)
        if self._started:
            return (TextDelta(text),) if text else ()
        if not text:
            return ()
        self._started = True
        return (ReplyStarted(), TextStarted(), TextDelta(text))

    def finish(self) -> Events:
        if self._cut:
            return (ReplyFailed(UpstreamError("ARGO's answer ends inside a character", code="connection_lost")),)
        return (PartEnded(), _STOPPED) if self._started else (ReplyStarted(), _STOPPED)

    def _slowly(self, data: bytes) -> str:
        """What begins or ends inside a character, or is damaged; for all else decoding at once takes a sixth."""
        text = self._decoder.decode(data)
        self._cut = bool(self._decoder.getstate()[0])
        return text


def _events(spoken: Spoken) -> Iterator[Event]:
    """Raises UpstreamError for a call that cannot be read, before anything is told."""
    wired = spoken.tool_calls or []
    calls = [read_call(call) for call in (wired if isinstance(wired, list) else [wired])]
    said = spoken.content
    text = "".join([part.text for part in said]) if isinstance(said, list) else said or ""
    _heed_notice(text)
    yield ReplyStarted()
    if text:
        yield from (TextStarted(), TextDelta(text), PartEnded())
    for call in calls:
        yield ToolCallStarted(call.call_id, call.name)
        yield ArgumentsDelta(call.arguments)
        yield PartEnded()
    if not calls:
        yield _STOPPED
    else:
        yield _CALLED if all(map(is_complete, calls)) else _CUT_OFF


def _heed_notice(text: str) -> None:
    """Raises the error that the gateway tells in place of an answer."""
    if (notice := spoken_notice(text)) is not None:
        raise notice


def _told(text: str) -> Events:
    _heed_notice(text)
    said = (TextStarted(), TextDelta(text), PartEnded()) if text else ()
    return (ReplyStarted(), *said, _STOPPED)


def _decode(body: bytes) -> Spoken | str:
    try:
        answer = _DECODER.decode(body.decode())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        answer = _decode_leniently(body)
    if answer.response is None:
        raise notice_in(body) or UpstreamError(f"ARGO gave no answer: {describe(body)}", code="empty_answer")
    return answer.response


def _decode_leniently(body: bytes) -> Answer:
    """Once more for answers with half a surrogate pair or damaged UTF-8, which msgspec refuses."""
    try:
        told = json.dumps(json.loads(body.decode("utf-8", "replace")), ensure_ascii=False)
        return _DECODER.decode(told.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except (ValueError, RecursionError) as error:
        raise unreadable(body, b'"response"') from error
