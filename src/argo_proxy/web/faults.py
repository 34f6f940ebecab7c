"""A fault of the proxy itself: what the log says of it, and what the client is told."""

from __future__ import annotations

from argo_proxy.canonical.errors import ProxyError
from argo_proxy.telemetry.faults import log_fault


def fault(error: Exception) -> ProxyError:
    """The error to tell, after the log has been told type and place."""
    log_fault(error)
    return ProxyError("argo-proxy has a fault of its own here; its log says where")
