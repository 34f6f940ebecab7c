"""What an answer means that is no answer: status and body of ARGO's failures, told in one clean sentence.

Messages come as OpenAI's, Anthropic's or FastAPI's JSON, as plain text, as a web server's HTML page, and often with
the provider's own error as a Python repr inside a string.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec
from msgspec import Struct

from argo_proxy.canonical.errors import (
    BadRequest,
    Denied,
    ProxyError,
    RateLimited,
    Unavailable,
    UpstreamError,
    UpstreamTimeout,
)

_READ_BYTES = 16 * 1024
_LONGEST_MESSAGE = 600
_DEEPEST = 4
"""Of how many wrappings of one kind a message is freed."""
_INNERMOST = re.compile(r"""['"]message['"]\s*:\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
_ESCAPE = re.compile(r"\\(?:(?P<code>u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})|(?P<char>.))", re.DOTALL)
_MARK = r"""['"]%s['"]\s*:\s*['"]([A-Za-z][\w.\[\]-]{0,99})['"]"""
_CODE, _PARAM = re.compile(_MARK % "code"), re.compile(_MARK % "param")
_CODE_OF_ITS_OWN = "internal_error"
"""What ARGO's own wrapping says, whatever the provider has said."""
_STACK_TRACE = "Traceback (most recent call last)"
_TITLE = re.compile(r"<(title|h1)[^>]{0,200}>([^<]{1,200})<", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z!/][^>]{0,500}>")

_TOLD: Mapping[int, tuple[type[ProxyError], int, str]] = {
    **{status: (BadRequest, status, "ARGO refused the request") for status in (400, 404, 409, 413, 415, 422)},
    **{status: (Denied, status, "ARGO denied access") for status in (401, 403)},
    **{status: (UpstreamTimeout, status, "ARGO took too long") for status in (408, 504)},
    429: (RateLimited, 429, "ARGO asks to slow down"),
    500: (UpstreamError, 500, "ARGO failed"),
    503: (Unavailable, 503, "ARGO is not available"),
    529: (Unavailable, 503, "ARGO's provider is overloaded"),
}

GATEWAY_FAULTS = (
    "Cannot read properties of undefined (reading 'input_tokens')",
    "'NoneType' object is not iterable",
)
"""Texts of ARGO's own faults, seen with a status of 200 or 500; to ask again helps."""

_PASSING = frozenset({429, 502, 503, 504, 529})
_INVALID = frozenset({400, 413, 422})
_SPEAKS_OF_A_WHILE = re.compile(
    r"rate.?limit|overload|time[d]?.?out|retry|try again|later|busy|capacity|temporar|unavailable|quota", re.IGNORECASE
)


def is_passing(status: int, body: bytes) -> bool:
    """Whether the same call may well be answered better in a moment."""
    return status in _PASSING or (status == 500 and _is_gateway_fault(describe(body)))


def is_lasting(status: int, body: bytes) -> bool:
    """Whether the same request would be refused again: it is invalid, and nothing is said of another time."""
    return status in _INVALID and not _SPEAKS_OF_A_WHILE.search(describe(body))


def error_from(status: int, body: bytes, retry_after: str | None = None) -> ProxyError:
    """The error that an answer with this status tells. Statuses are kept, so that SDKs raise and retry as ever."""
    if 300 <= status < 400:
        message = "ARGO redirects elsewhere, perhaps to a login page; check the configured address and the VPN"
        return UpstreamError(message, code="wrong_address")
    message = describe(body)
    if status == 404 and is_html(body):
        return UpstreamError(f"ARGO has nothing at the configured address: {message}", code="wrong_address")
    if status == 500 and _is_gateway_fault(message):
        return UpstreamError(f"ARGO failed: {message}", code="gateway_fault", retry_after=retry_after)
    kind, told_status, what = _TOLD.get(status, (UpstreamError, 502, f"ARGO failed with status {status}"))
    code, param = _marks(body) if kind is BadRequest else (None, None)
    return kind(f"{what}: {message}", status=told_status, retry_after=retry_after, code=code, param=param)


def _is_gateway_fault(message: str) -> bool:
    return any(fault in message for fault in GATEWAY_FAULTS)


def is_html(body: bytes) -> bool:
    """Whether the body is a web page instead of an answer."""
    return body[:512].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def describe(body: bytes) -> str:
    """The message in an error body, whatever it is wrapped in, in one line."""
    text = body[:_READ_BYTES].decode("utf-8", "replace").strip()
    if not text:
        return "its answer was empty"
    if is_html(body):
        return _sentence(_page_title(text))
    return _sentence(_innermost((_json_message(body) or text)[:_READ_BYTES])) or "it gives no reason"


def _marks(body: bytes) -> tuple[str | None, str | None]:
    """Code and parameter as the provider told them, which agents go by (`context_length_exceeded`)."""
    text = f"{body[:_READ_BYTES].decode('utf-8', 'replace')} {_json_message(body) or ''}"
    codes = [code for code in _CODE.findall(text) if code != _CODE_OF_ITS_OWN]
    params = _PARAM.findall(text)
    return codes[-1] if codes else None, params[-1] if params else None


class _Wrapping(Struct):
    """The keys under which the known shapes keep a message, or something that keeps it in turn."""

    error: object = None
    detail: object = None
    message: object = None
    msg: object = None
    loc: Sequence[str | int] = ()


def _json_message(body: bytes) -> str | None:
    try:
        return _unwrap(msgspec.json.decode(body), _DEEPEST)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _unwrap(found: object, depth: int) -> str | None:
    if isinstance(found, str):
        return found
    items = cast("list[object]", found) if isinstance(found, list) else [found]
    if depth == 0 or not items:
        return None
    try:
        wrapping = msgspec.convert(items[0], _Wrapping)
    except msgspec.ValidationError:
        return None
    inner = _unwrap(wrapping.error or wrapping.detail or wrapping.message or wrapping.msg, depth - 1)
    where = ".".join(str(part) for part in wrapping.loc if part != "body")
    return f"{where}: {inner}" if inner and where else inner


def _innermost(text: str) -> str:
    """The last `'message': '...'` of a Python repr or of JSON inside the text, however deep, else the text itself."""
    for _ in range(_DEEPEST):
        if not (found := _INNERMOST.findall(text)):
            break
        text = _ESCAPE.sub(_unescape, found[-1][1:-1])
    return text


def _unescape(escape: re.Match[str]) -> str:
    """What an escape in a string of Python or JSON stands for; white space of any kind is a blank here."""
    if escape["code"]:
        return chr(int(escape["code"][1:], 16)).encode("utf-8", "replace").decode()
    if escape["char"] in "ntr":
        return " "
    return escape["char"] if escape["char"] in "'\"\\/" else escape[0]


def _page_title(page: str) -> str:
    title = _TITLE.search(page)
    return html.unescape(title[2]) if title else "a web page"


def _sentence(text: str) -> str:
    """One line; of a stack trace the last, which says what happened."""
    if _STACK_TRACE in text:
        text = text.rstrip().rpartition("\n")[2]
    line = " ".join(_TAG.sub(" ", text).split())
    return line if len(line) <= _LONGEST_MESSAGE else line[:_LONGEST_MESSAGE] + "…"
