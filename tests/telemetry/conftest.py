from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from argo_proxy.telemetry.request_log import LOGGER


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The program's logger, put back afterwards as it was."""
    found = logging.getLogger(LOGGER)
    before = (found.handlers, found.propagate, found.level)
    yield found
    found.handlers, found.propagate = before[:2]
    found.setLevel(before[2])
