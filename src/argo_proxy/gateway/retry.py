"""When to try again: after failures that pass, a few times, later each time, and not all at the same moment."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

PASSING = frozenset({"dns_error", "connect_error", "connect_timeout", "connection_lost"})
"""The codes of failures before the first byte of an answer that may pass; a bad certificate stays bad."""
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
"""A client that is to wait longer is told so, and waits by itself."""
_SECONDS = re.compile(r"\s*[0-9]{1,9}(\.[0-9]{1,9})?\s*")


def pause_s(attempt: int, chance: float, asked_s: float | None) -> float | None:
    """The pause before the next attempt; None: there had better be none.

    `attempt` counts from 0; `chance` is a random number from 0 to 1; `asked_s` is what the other side asks for.
    """
    if asked_s is None:
        return FIRST_PAUSE_S * 2**attempt * (0.5 + chance)
    return asked_s * (1 + 0.1 * chance) if asked_s <= LONGEST_PAUSE_S else None


def seconds_in(retry_after: str | None, now_s: float) -> float | None:
    """What a Retry-After header asks for: seconds, or a date; None without one that can be read.

    `now_s` is the time in seconds since the epoch.
    """
    if retry_after is None:
        return None
    if _SECONDS.fullmatch(retry_after):
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - now_s)
    except (ValueError, OverflowError):
        return None
