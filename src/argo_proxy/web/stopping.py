"""What is told when the proxy stops."""

from __future__ import annotations

from argo_proxy.canonical.errors import Unavailable

_BACK_S = "5"
"""When whoever has come too late may ask again: mostly the proxy is started anew, or another one serves."""


def too_late() -> Unavailable:
    """The error of a request that comes when the proxy is about to stop."""
    return Unavailable("argo-proxy is stopping; ask again when it is back", code="draining", retry_after=_BACK_S)


def stopped() -> Unavailable:
    """The error of an answer that the end of the proxy cut off."""
    return Unavailable("argo-proxy was stopped before the end of this answer", code="stopped")
