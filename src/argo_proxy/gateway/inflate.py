"""Undoing a compression that was not asked for, piece by piece and within bounds."""

from __future__ import annotations

import zlib

from argo_proxy.canonical.errors import UpstreamError

MAX_INFLATED_BYTES = 16 * 1024 * 1024


class Inflater:
    """Decodes gzip or zlib. Law: the pieces that `feed` returns, joined, are the original."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    @property
    def complete(self) -> bool:
        """Whether the compressed data has reached its end."""
        return self._inflate.eof

    def feed(self, data: bytes) -> bytes:
        """The original of the next piece. Raises UpstreamError when it is damaged or swells beyond measure."""
        try:
            inflated = self._inflate.decompress(data, MAX_INFLATED_BYTES)
        except zlib.error as error:
            raise UpstreamError(f"ARGO's compressed answer is damaged: {error}", code="bad_answer") from error
        if self._inflate.unconsumed_tail:
            raise UpstreamError("ARGO's compressed answer swells beyond measure", code="answer_too_large")
        return inflated
