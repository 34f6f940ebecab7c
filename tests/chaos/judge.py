"""What a request must have led to: the right answer or the right error, and no more calls than it may make."""

from __future__ import annotations

from dataclasses import dataclass

from argo_proxy.simulator.spelling import vector
from tests.chaos.endings import Broken, Failed, Handed, Right, Told
from tests.chaos.faults import EMBED, PASSED_STREAM, PIECE_BYTES, PIECES_BEFORE_THE_BREAK, Fault
from tests.chaos.kinds import Kind

RETRIES = 2
DIMENSIONS = 1536
SAID = "I will use a tool.\n"
"""By the simulator, before it calls one in words."""


@dataclass(frozen=True)
class Request:
    """One of a run; `number` is in its prompt, and so in each call that it leads to."""

    number: int
    kind: Kind
    fault: Fault
    model: str
    filling: str
    patience_s: float | None = None
    """After so long its client leaves."""

    @property
    def prompt(self) -> str:
        wish = f'call time({{"city": "Zürich {self.number}"}})' if self.kind.calls else self.filling
        return f"{self.fault.mark} #{self.number}; {wish}"

    @property
    def body(self) -> dict[str, object]:
        return self.kind.ask(self.model, self.prompt)


def verdict(request: Request, told: Told) -> str | None:
    """What is wrong with the end of this request; None when it ended as it must."""
    match request.fault.ending:
        case Right(text):
            wanted = _right(request, text)
            good = told == wanted
        case Failed() as failed:
            wanted, good = failed, _is_failure(told, failed, request.kind)
        case Broken() as broken:
            wanted, good = broken, _is_break(told, broken, request)
        case Handed(status, part) as handed:
            wanted = handed
            good = (told.status, told.end) == (status, "complete") and part in told.text
    return None if good else f"{_name(request)}: {_shown(told)} is not {_shown(wanted)}"


def count_verdict(request: Request, calls: int) -> str | None:
    """What is wrong with how often the gateway was called for it."""
    least, most = _calls(request.fault)
    least = 0 if request.patience_s is not None else least
    return None if least <= calls <= most else f"{_name(request)}: {calls} calls are not {least} to {most}"


def _calls(fault: Fault) -> tuple[int, int]:
    """The least and the most; a kept connection that is closed without a word may have been closed before the call."""
    if not fault.again:
        return 1, 1
    if fault.passing:
        return 2, 2
    silent = fault.act.get("drop") == "before_headers"
    return 1 + RETRIES, 1 + RETRIES + silent


def _right(request: Request, text: str | None) -> Told:
    if text is not None:
        return Told(200, text)
    if request.kind.calls:
        return Told(200, SAID if request.kind.in_words else "", (("time", f"Zürich {request.number}"),))
    if request.kind.hit == EMBED or request.kind.path == "/v1/embed":
        vectors = (vector(each, DIMENSIONS) for each in (request.prompt, "another"))
        return Told(200, " ".join(f"{len(each)}:{each[:4]}" for each in vectors))
    return Told(200, f"You said: {request.prompt}")


def _is_failure(told: Told, wanted: Failed, kind: Kind) -> bool:
    """A held stream may have been opened with a comment by then, and tells the error within."""
    if kind.held and told.status == 200:
        return (told.text, told.calls, told.end, told.code) == ("", (), "error", wanted.code)
    same = (told.status, told.code, told.kind, told.end) == (wanted.status, wanted.code, wanted.kind, "error")
    return same and wanted.retry_after in (None, told.retry_after)


def _is_break(told: Told, wanted: Broken, request: Request) -> bool:
    if request.kind.in_words:
        text = SAID  # what follows belongs to a call
    else:
        sent = f"You said: {request.prompt}".encode()[: PIECES_BEFORE_THE_BREAK * PIECE_BYTES]
        text = sent.decode("utf-8", "ignore") + wanted.and_then
    if wanted.exact and told.text != text:
        return False
    if request.kind.hit == PASSED_STREAM:
        return text.startswith(told.text) and (told.status, told.end) == (200, "cut")
    if not wanted.exact and told.status == 502:  # all of it was lost
        return (told.code, told.end) == (wanted.code, "error")
    code = "server_error" if request.kind.path == "/v1/responses" else wanted.code
    return text.startswith(told.text) and (told.status, told.end, told.code) == (200, "error", code)


def _name(request: Request) -> str:
    return f"#{request.number} {request.kind.name} ({request.model}), {request.fault.name}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) < 200 else f"{text[:120]} … {text[-60:]}"
