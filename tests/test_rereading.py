"""What counts as a change of the configuration."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from argo_proxy.rereading import Rereading
from argo_proxy.settings import Resolved, Settings
from argo_proxy.telemetry.request_log import LOGGER


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    logger = logging.getLogger(LOGGER)
    before = logger.handlers, logger.propagate, logger.level
    yield
    logger.handlers, logger.propagate, logger.level = before


def test_certificates_that_are_replaced_under_the_same_name_are_a_change(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("one")
    settings = Settings(user="jdoe", ca_file=str(file))
    rereading = Rereading(settings, lambda: Resolved(settings, ()))
    assert rereading.changed() is None
    file.write_text("another")
    assert rereading.changed() == settings
    assert rereading.changed() is None


def test_what_belongs_to_the_program_is_no_change(caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(user="jdoe")
    rereading = Rereading(settings, lambda: Resolved(replace(settings, port=settings.port + 1), ()))
    logging.getLogger(LOGGER).propagate = True
    assert rereading.changed() is None
    assert "port: stays as it is until the next start" in caplog.text
