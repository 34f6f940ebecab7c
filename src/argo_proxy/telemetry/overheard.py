"""What is asked and answered in one request, as the log shows it: little of it is kept, however long it is."""

from __future__ import annotations

from argo_proxy.telemetry.excerpt import Hide, excerpt
from argo_proxy.telemetry.frames import Frames

KEPT_BYTES = 32 * 1024
"""How much of a stream is kept, its pieces joined: more than is shown."""


class Overheard:
    """Listens to one exchange, for which `hide` takes the secrets out of a text."""

    def __init__(self, hide: Hide) -> None:
        self._hide = hide
        self._request: str | None = None
        self._answer: str | None = None
        self._frames = Frames()
        self._unseen_bytes = 0

    @property
    def request(self) -> str | None:
        """The request's body; None as long as nobody has read it."""
        return self._request

    @property
    def answer(self) -> str | None:
        """What has been answered until now."""
        if self._answer is not None or not self._frames.size:
            return self._answer
        told = excerpt(self._frames.joined(), self._hide)
        return f"{told}<{self._unseen_bytes:,} more bytes>" if self._unseen_bytes else told

    def ask(self, body: bytes) -> None:
        """The whole body of the request."""
        self._request = excerpt(body, self._hide)

    def tell(self, body: bytes) -> None:
        """The whole answer."""
        self._answer = excerpt(body, self._hide)

    def tell_piece(self, data: bytes) -> None:
        """Some more of an answer that is a stream."""
        if self._frames.size < KEPT_BYTES:
            self._frames.feed(data)
        else:
            self._unseen_bytes += len(data)
            self._frames.skip(data)
