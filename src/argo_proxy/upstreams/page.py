"""A web page where an answer should be, as what stands in front of the gateway sends it."""

from __future__ import annotations

from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.events import Events, ReplyFailed
from argo_proxy.upstreams.faults import describe

_ENOUGH_BYTES = 64 * 1024
"""A page says what it has to say at its beginning."""


class PageDecoder:
    """Gathers the page; the one event is the error that it means."""

    def __init__(self) -> None:
        self._page = b""

    def feed(self, data: bytes) -> Events:
        self._page += data
        return self.finish() if len(self._page) >= _ENOUGH_BYTES else ()

    def finish(self) -> Events:
        page = self._page[:_ENOUGH_BYTES]
        return (ReplyFailed(UpstreamError(f"ARGO answered with a web page: {describe(page)}", code="bad_answer")),)
