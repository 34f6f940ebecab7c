"""`timeout(seconds)`, as asyncio has it from Python 3.11 on."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 11):
    from asyncio import timeout as timeout
else:
    from async_timeout import timeout as timeout
