"""The wire shape of an error, as all of OpenAI's APIs tell it."""

from __future__ import annotations

from msgspec import Struct


class Error(Struct):
    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(Struct):
    error: Error
