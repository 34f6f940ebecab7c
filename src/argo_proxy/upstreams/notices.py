"""Finds what the gateway says in place of an answer, under a status of 200, and makes an error of it.

Text is passed on as it comes; only what looks like the beginning of such a notice waits for the next piece. A notice
stands at the start of an answer: further on, somebody is only writing about it. Law: whether an answer is a notice
does not depend on how it was cut.
"""

from __future__ import annotations

from argo_proxy.canonical.errors import Denied, ProxyError, UpstreamError
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
from argo_proxy.upstreams.faults import GATEWAY_FAULTS, describe

AUTHENTICATION = "AUTHENTICATION NOTICE FROM ARGO"
_WATCHED_CHARS = 512
_TELLING_CHARS = 4  # a first piece "A" must not wait: many an answer begins so
_TELLING_FAULT_CHARS = 11
_WATCHED_BYTES = 1024
_ORNAMENTS = " \t\r\n*#=-_<>!"


class NoticeStage:
    """Watches the first `_WATCHED_CHARS` characters of an answer."""

    def __init__(self) -> None:
        self._watching = True
        self._suspect = True
        self._seen = ""
        self._held: list[Event] = []

    def feed(self, event: Event) -> Events:
        if not self._watching:
            return (event,)
        match event:
            case TextDelta(text):
                self._seen += text
                return self._watch(event)
            case PartEnded():
                self._watching = False
                return self._judge(event)
            case ReplyStarted() | TextStarted():
                self._held.append(event)  # so that a notice is an error before anything is said
                return ()
            case ToolCallStarted() | ArgumentsDelta() | ReplyFinished():
                self._watching = False
                return (*self._release(), event)
            case ReplyFailed():
                return (event,)

    def _watch(self, event: Event) -> Events:
        if AUTHENTICATION in self._seen[:_WATCHED_CHARS]:
            return (ReplyFailed(denied()),)
        self._watching = len(self._seen) < _WATCHED_CHARS
        self._suspect = self._suspect and _begins_as_notice(self._seen)
        if not self._suspect and not self._held:
            return (event,)
        self._held.append(event)
        return () if self._watching and self._suspect and _is_telling(self._seen) else self._release()

    def _judge(self, event: Event) -> Events:
        fault = self._seen.strip()
        if fault in GATEWAY_FAULTS:
            return (ReplyFailed(_fault(fault)),)
        return (*self._release(), event)

    def _release(self) -> Events:
        held = tuple(self._held)
        self._held.clear()
        return held


def _begins_as_notice(text: str) -> bool:
    """Whether a notice may come of it; of what has once gone another way none ever does."""
    if AUTHENTICATION.startswith(text.lstrip(_ORNAMENTS)):
        return True
    bare = text.strip()
    return any(fault.startswith(bare) for fault in GATEWAY_FAULTS)


def _is_telling(text: str) -> bool:
    """Whether so much of the beginning of a notice is there that it is worth waiting for the rest."""
    start = text.lstrip(_ORNAMENTS)
    if len(start) >= _TELLING_CHARS and AUTHENTICATION.startswith(start):
        return True
    bare = text.strip()
    return len(bare) >= _TELLING_FAULT_CHARS and any(fault.startswith(bare) for fault in GATEWAY_FAULTS)


def denied() -> ProxyError:
    """The error that the authentication notice is."""
    message = f"ARGO does not know the user ({AUTHENTICATION}); set `user` to your ANL domain user name"
    return Denied(message, code="unknown_user")


def spoken_notice(text: str) -> ProxyError | None:
    """The error that the text of a whole answer is. Law: that which `NoticeStage` finds in it."""
    if AUTHENTICATION in text[:_WATCHED_CHARS]:
        return denied()
    fault = text.strip() if len(text) < _WATCHED_CHARS else ""
    return _fault(fault) if fault in GATEWAY_FAULTS else None


def notice_in(body: bytes) -> ProxyError | None:
    """The error that the gateway tells, in whatever form, at the start of a body that is no answer."""
    start = body[:_WATCHED_BYTES].decode("utf-8", "replace")
    if AUTHENTICATION in start:
        return denied()
    fault = next((fault for fault in GATEWAY_FAULTS if fault in start), None)
    return None if fault is None else _fault(fault)


def unreadable(body: bytes, key: bytes) -> ProxyError:
    """The error that a body is which cannot be read as an answer, though it came with a status of 200.

    `key` is where an answer is: errors are logged, so what may hold the text of one is not quoted.
    """
    if key in body:
        return _bad("its JSON is damaged")
    return notice_in(body) or _bad(describe(body))


def _bad(what: str) -> ProxyError:
    return UpstreamError(f"ARGO's answer cannot be read: {what}", code="bad_answer")


def _fault(text: str) -> ProxyError:
    return UpstreamError(f"ARGO failed: {text}", code="gateway_fault")
