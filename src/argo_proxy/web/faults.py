"""A fault of the proxy itself: what the log says of it, and what the client is told."""

from __future__ import annotations

import logging
import traceback

from argo_proxy.canonical.errors import ProxyError
from argo_proxy.telemetry.request_log import LOGGER


def fault(error: Exception) -> ProxyError:
    """The error to tell, after the log has been told type and place, without the text, which may quote a prompt."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    logging.getLogger(LOGGER).error("internal error: %s at %s", type(error).__name__, places)
    return ProxyError("argo-proxy has a fault of its own here; its log says where")
