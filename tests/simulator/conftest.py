from collections.abc import Iterator

import pytest

from tests.simulator.running import Gateway, start


@pytest.fixture(scope="session")
def running() -> Iterator[Gateway]:
    process, line = start()
    yield Gateway(int(line.rsplit(":", 1)[1]))
    process.terminate()
    assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0


@pytest.fixture
def gateway(running: Gateway) -> Gateway:
    """The one simulator of these tests, with everything forgotten."""
    assert running.ask("POST", "/_simulator/reset").status == 200
    return running
