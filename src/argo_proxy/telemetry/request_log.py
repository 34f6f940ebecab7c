"""One line for each request, for people or for machines."""

from __future__ import annotations

import logging
import sys
import time
from typing import Literal

import msgspec
from msgspec import Struct

LOGGER = "argo_proxy"
_LONGEST_FIELD = 200


class RequestRecord(Struct):
    """What is known of a request when it ends. Filled in as it goes; `own_ms` is the time without ARGO's."""

    id: str
    method: str
    path: str
    status: int = 0
    ms: float = 0.0
    own_ms: float = 0.0
    model: str | None = None
    family: str | None = None
    streamed: bool = False
    input_tokens: int | None = None
    output_tokens: int | None = None
    error: str | None = None


def log_request(record: RequestRecord) -> None:
    """Write the line: a warning for what is somebody's fault other than the client's, else for information."""
    logger = logging.getLogger(LOGGER)
    level = logging.WARNING if record.status >= 500 else logging.INFO
    if logger.isEnabledFor(level):
        logger.log(level, "%s", record)


def set_up_logging(*, verbose: bool, log_format: Literal["human", "json"]) -> None:
    """Log to standard error: requests when verbose, else only warnings and errors."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if log_format == "json" else _HumanLines())
    logger = logging.getLogger(LOGGER)
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.INFO if verbose else logging.WARNING)


class _HumanLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        match record.args:
            case (RequestRecord() as request,):
                return f"{clock} {_human(request)}"
            case _:
                return f"{clock} {record.levelname.lower()}: {record.getMessage()}"


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        head = {"time": round(record.created, 3), "level": record.levelname.lower()}
        match record.args:
            case (RequestRecord() as request,):
                body = msgspec.structs.asdict(_clipped(request))
            case _:
                body = {"message": record.getMessage()}
        return msgspec.json.encode(head | body).decode()


def _human(request: RequestRecord) -> str:
    request = _clipped(request)
    words = [request.id, request.method, request.path, str(request.status)]
    if request.model is not None:
        words.append(f"{request.model} ({request.family}{', streamed' if request.streamed else ''})")
    words.append(f"{request.ms:.0f} ms, {request.own_ms:.1f} own")
    if request.input_tokens is not None:
        words.append(f"{request.input_tokens} + {request.output_tokens} tokens")
    if request.error is not None:
        words.append(f"[{request.error}]")
    return _printable("  ".join(words))


def _clipped(request: RequestRecord) -> RequestRecord:
    """Strangers choose path and model: neither may fill the log."""
    path, model = request.path[:_LONGEST_FIELD], request.model and request.model[:_LONGEST_FIELD]
    return msgspec.structs.replace(request, path=path, model=model)


def _printable(line: str) -> str:
    """The line without control characters, which could forge another line or drive a terminal."""
    return line if line.isprintable() else "".join(c if c.isprintable() else "?" for c in line)
