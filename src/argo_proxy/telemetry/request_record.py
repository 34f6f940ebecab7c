"""What the log tells of a request."""

from __future__ import annotations


class RequestRecord:
    """What is known of a request when it ends; filled in as it goes."""

    def __init__(self, request_id: str, method: str, path: str) -> None:
        self.id = request_id
        self.method = method
        self.path = path
        self.status = 0
        self.ms = 0.0
        self.own_ms = 0.0
        """The time without ARGO's."""
        self.model: str | None = None
        self.family: str | None = None
        self.streamed = False
        self.input_tokens: int | None = None
        self.output_tokens: int | None = None
        self.key: str | None = None
        """What the key that was shown is called, where keys are needed."""
        self.error: str | None = None
        """The code of the error; its message could quote a prompt."""

    def fields(self) -> dict[str, object]:
        """All of it, by name."""
        return {
            "id": self.id,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "ms": self.ms,
            "own_ms": self.own_ms,
            "model": self.model,
            "family": self.family,
            "streamed": self.streamed,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "key": self.key,
            "error": self.error,
        }
