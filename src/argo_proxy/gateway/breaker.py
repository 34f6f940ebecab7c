"""Spares clients the wait for an address that cannot be reached: after some failures in a row, calls fail at once.

Only one call in a while still tries, and the first that gets through lets all others follow.
"""

from __future__ import annotations

import math

from argo_proxy.canonical.errors import Unavailable, UpstreamError

FAILURES = 5
PAUSE_S = 5.0
UNREACHED = frozenset({"dns_error", "connect_error", "connect_timeout", "tls_error"})
"""The codes of failures to connect. What fails later has reached somebody."""


class Breaker:
    """That of one address. Times are those of one clock, in seconds."""

    def __init__(self) -> None:
        self._failures = 0
        self._last = ""
        self._next_s = 0.0

    @property
    def trouble(self) -> str | None:
        """Why the address cannot be reached; None while calls go there."""
        return self._last if self._failures >= FAILURES else None

    def admit(self, now_s: float) -> None:
        """Let a call try. Raises Unavailable that says when the next one may."""
        if self._failures < FAILURES:
            return
        wait_s = math.ceil(self._next_s - now_s)
        if wait_s > 0:
            message = f"{self._last}; argo-proxy tries again in {wait_s} s"
            raise Unavailable(message, code="gateway_unreachable", retry_after=str(wait_s))
        self._next_s = now_s + PAUSE_S  # the others wait for what this one finds

    def failed(self, error: UpstreamError, now_s: float) -> None:
        """A call did not get through, if that is what the error says."""
        if error.http_code in UNREACHED:
            self._failures += 1
            self._last = error.message
            self._next_s = now_s + PAUSE_S

    def reached(self) -> None:
        """A call got through."""
        self._failures = 0
