"""Faults of the proxy itself, told by type and place: their text, and Python's own reports, may quote a prompt."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Mapping

from argo_proxy.telemetry.request_log import LOGGER

_PLACES = 3


def log_fault(error: BaseException) -> None:
    """Tell what it is and where, the innermost place first."""
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    places = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    logging.getLogger(LOGGER).error("internal error: %s at %s", type(error).__name__, places or "an unknown place")


def loose_end(_: asyncio.AbstractEventLoop, context: Mapping[str, object]) -> None:
    """For `set_exception_handler`: what nobody waited for has failed. asyncio would show it with all its values."""
    error = context.get("exception")
    if isinstance(error, BaseException):
        log_fault(error)
    else:
        logging.getLogger(LOGGER).error("internal error: %s", context.get("message"))
