"""One line for each request, for people or for machines."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Literal, TextIO

import msgspec

from argo_proxy.telemetry.overheard import Overheard
from argo_proxy.telemetry.redaction import Redaction
from argo_proxy.telemetry.request_record import RequestRecord

LOGGER = "argo_proxy"
SHARED = f"{LOGGER}.shared"
"""For what every process that serves finds out by itself, and one of them is to tell."""
_FLUSH_S = 0.05
_LONGEST_FIELD = 200
_SHORTEST_KEY = 8
_WIDEST = 1_000
_WHOLE_BYTES = 4_096
"""PIPE_BUF of Linux; where it is smaller, lines seldom come to it."""
_ESCAPE = re.compile(r"\\.")


class RequestLog:
    """Writes the lines, those of a few moments at once: a system call for each would cost as much as the line.

    Without `verbose` only what is somebody's fault other than the client's is worth a line. `with_bodies`: below each
    line stands what was asked and answered.
    """

    def __init__(
        self, stream: TextIO, *, verbose: bool, as_json: bool, with_bodies: bool = False, keys: Iterable[str] = ()
    ) -> None:
        """`keys` never show, in no body."""
        self.with_bodies = with_bodies
        self._stream = stream
        self._verbose = verbose
        self._render = _json_line if as_json else _human_line
        self._lines: list[str] = []
        self._keys = Redaction(keys)

    def overhear(self, key: bytes | None) -> Overheard:
        """What listens to a request that shows this key. Where any key will do, it is short, and no secret."""
        shown = Redaction([key.decode("latin-1")] if key and len(key) >= _SHORTEST_KEY else [])
        return Overheard(lambda text: self._keys.hide(shown.hide(text)))

    def write(self, record: RequestRecord, heard: Overheard | None = None) -> None:
        """Log a request that has ended."""
        if not self._verbose and record.status < 500:
            return
        if not self._lines:
            asyncio.get_running_loop().call_later(_FLUSH_S, self.flush)
        self._lines.append(self._render(record, heard))

    def flush(self) -> None:
        """Write what is waiting."""
        lines, self._lines = self._lines, []
        try:
            for piece in _pieces("".join(lines)):
                self._stream.write(piece)
                self._stream.flush()
        except (OSError, ValueError):
            _silence(self._stream)


def _pieces(text: str) -> Iterator[str]:
    """The text in whole lines, each piece so short that no other process can write into the middle of it."""
    data, start = text.encode("utf-8", "replace"), 0
    while start < len(data):
        end = data.rfind(b"\n", start, start + _WHOLE_BYTES) + 1 or data.find(b"\n", start) + 1 or len(data)
        yield data[start:end].decode()
        start = end


def _silence(stream: TextIO) -> None:
    """Nobody reads the log any more: what is still to be written goes nowhere, and serving goes on."""
    with suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def set_up_logging(*, verbose: bool, log_format: Literal["human", "json"]) -> None:
    """Everything that is not about a request goes to standard error in the same forms."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if log_format == "json" else _HumanLines())
    logger = logging.getLogger(LOGGER)
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.INFO if verbose else logging.WARNING)


class _HumanLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{_clock(record.created)} {record.levelname.lower()}: {record.getMessage()}"


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        return msgspec.json.encode(fields).decode()


def _clock(time_s: float) -> str:
    return _clock_of_second(int(time_s))


@lru_cache(maxsize=2)
def _clock_of_second(time_s: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(time_s))


def _json_line(request: RequestRecord, heard: Overheard | None) -> str:
    head = {"time": round(time.time(), 3), "level": "warning" if request.status >= 500 else "info"}
    bodies = {} if heard is None else {"request": _safe(heard.request), "answer": _safe(heard.answer)}
    return msgspec.json.encode(head | _clipped(request).fields() | bodies).decode() + "\n"


def _human_line(request: RequestRecord, heard: Overheard | None) -> str:
    request = _clipped(request)
    told = [f"{_clock(time.time())} {request.id}  {request.method}  {request.path}  {request.status}"]
    if request.key is not None:
        told.append(f"by {request.key}")
    if request.model is not None:
        told.append(f"{request.model} ({request.family}{', streamed' if request.streamed else ''})")
    told.append(f"{request.ms:.0f} ms, {request.own_ms:.1f} own")
    if request.input_tokens is not None:
        told.append(f"{request.input_tokens} + {request.output_tokens} tokens")
    if request.error is not None:
        told.append(f"[{request.error}]")
    line = _printable("  ".join(told)) + "\n"
    return line if heard is None else line + _below(">", heard.request) + _below("<", heard.answer)


def _below(mark: str, body: str | None) -> str:
    """A body for people: the lines of its texts are lines, each so marked that it can be taken for nothing else."""
    text = _ESCAPE.sub(lambda escape: "\n" if escape[0] == "\\n" else escape[0], body or "")
    lines = [_safe(line) or "" for line in text.splitlines()]
    short = [line[at : at + _WIDEST] for line in lines for at in range(0, max(1, len(line)), _WIDEST)]
    return "".join(f"    {mark} {line}\n" for line in short)


def _clipped(request: RequestRecord) -> RequestRecord:
    """Strangers choose path and model: neither may fill the log."""
    if len(request.path) > _LONGEST_FIELD:
        request.path = request.path[:_LONGEST_FIELD]
    if request.model is not None and len(request.model) > _LONGEST_FIELD:
        request.model = request.model[:_LONGEST_FIELD]
    return request


def _safe(text: str | None) -> str | None:
    """The text with escapes in place of what could drive a terminal; the ends of its lines stay."""
    if text is None or text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\u{ord(c):04x}" for c in text)


def _printable(line: str) -> str:
    """The line without control characters, which could forge another line or drive a terminal."""
    return line if line.isprintable() else "".join(c if c.isprintable() else "?" for c in line)
