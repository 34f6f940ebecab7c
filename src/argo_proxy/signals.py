"""What signals tell the program. SIGHUP has two meanings: the configuration has changed, or the terminal is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable


def heed_stop(stop: Callable[[], None]) -> None:
    """From now on SIGINT and SIGTERM call it, in the event loop that runs."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)


def heed_hang_up(reload: Callable[[], None], stop: Callable[[], None]) -> None:
    """Stop with the terminal that it was started on, as every program does there; under nohup, or without one, reload.

    A terminal that hangs up is taken from its processes before they get the signal.
    """
    if sys.platform == "win32":
        return
    stays = not _has_terminal() or signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, lambda: reload() if stays or _has_terminal() else stop())


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
