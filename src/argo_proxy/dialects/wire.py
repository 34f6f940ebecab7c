"""What OpenAI's APIs have in common on the wire: how a body is read, and how an error is told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar

import msgspec
from msgspec import Struct

from argo_proxy.canonical.errors import BadRequest, ProxyError
from argo_proxy.dialects.error_body import Error, ErrorBody

T = TypeVar("T")

_WHERE = re.compile(r"(?P<what>.*) - at `\$\.?(?P<path>[^`]*)`", re.DOTALL)
_LONGEST_ECHO = 300
_HALF_CHARACTER = re.compile(rb"(?<!\\)\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")
"""The first of a pair of surrogates, without the second."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # Windows' own tools write one
MAX_STOPS = 4
MAX_STOP_CHARS = 1000
DONE = b"data: [DONE]\n\n"
_UNREMARKABLE: tuple[object, ...] = (None, 0, False, {}, [], "auto", "default")


def render_error(error: ProxyError) -> bytes:
    """The body of an error answer; OpenAI's SDKs show `error.message` and choose the exception by the status."""
    return msgspec.json.encode(ErrorBody(Error(error.message, error.kind, error.param, error.http_code)))


def decode_body(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The body as the decoder's type. Raises BadRequest that names the faulty parameter as `param`."""
    try:
        return decoder.decode(body.removeprefix(_BYTE_ORDER_MARK))
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from error
    except UnicodeDecodeError as error:
        raise not_utf8(error) from error
    except msgspec.DecodeError as error:
        raise BadRequest(f"the request body is not valid JSON: {_reason(error, body)}") from error
    except RecursionError as error:
        raise BadRequest("the request body is nested too deeply") from error


def _reason(error: msgspec.DecodeError, body: bytes) -> str:
    """msgspec takes half of a character for the end of the text."""
    half = _HALF_CHARACTER.search(body)
    return f"{half[0].decode()} is half of a character" if half else str(error)


def not_utf8(error: UnicodeDecodeError) -> BadRequest:
    """The error of a body that is no text."""
    return BadRequest(f"the request body is not UTF-8: {error.reason}")


def convert(value: object, kind: type[T]) -> T:
    """The value, which is JSON already read, as `kind`. Raises BadRequest that names the faulty parameter."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from error


def read_stops(stop: str | list[str] | None) -> tuple[str, ...]:
    """The stop sequences that are none of them empty. Raises BadRequest for too many, or too long ones."""
    stops = (stop,) if isinstance(stop, str) else tuple(stop or ())
    if len(stops) > MAX_STOPS:
        raise BadRequest(f"'stop' takes at most {MAX_STOPS} sequences, not {len(stops)}", param="stop")
    if any(len(text) > MAX_STOP_CHARS for text in stops):
        raise BadRequest(f"a sequence of 'stop' can have at most {MAX_STOP_CHARS} characters", param="stop")
    return tuple(text for text in stops if text)


def dropped(wire: Struct, names: Iterable[str]) -> tuple[str, ...]:
    """What to tell of parameters that ARGO has no place for; of values that only repeat the default, nothing."""
    return tuple(f"{name} dropped" for name in names if matters(wire, name))


def matters(wire: Struct, name: str) -> bool:
    """Whether the parameter was given, and is not what it is by default."""
    return getattr(wire, name) not in _UNREMARKABLE


def _invalid(description: str) -> BadRequest:
    """Turns ``Expected `str`, got `int` - at `$.messages[0].role` `` into OpenAI's manner."""
    where = _WHERE.fullmatch(description)
    if where is None:
        return BadRequest(f"the request body: {_readable(description)}", param=_missing_field(description))
    return BadRequest(f"'{where['path']}': {_readable(where['what'])}", param=where["path"])


def _readable(description: str) -> str:
    text = description.replace("`", "'")
    if len(text) > _LONGEST_ECHO:
        text = text[:_LONGEST_ECHO] + "…"
    return text[:1].lower() + text[1:]


def _missing_field(description: str) -> str | None:
    prefix, _, field = description.partition("missing required field ")
    return field.strip("`") if field and prefix else None
