"""What the log tells of a request."""

from __future__ import annotations

from msgspec import Struct


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
    key: str | None = None
    """What the key that was shown is called, where keys are needed."""
    error: str | None = None
    """The code of the error; its message could quote a prompt."""
