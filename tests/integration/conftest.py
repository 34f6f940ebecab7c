from collections.abc import Iterator

import openai
import pytest

from tests.integration.proxying import Proxy, proxying, sdk
from tests.simulator.running import Gateway, start


@pytest.fixture(scope="session")
def running_gateway() -> Iterator[Gateway]:
    process, line = start()
    yield Gateway(int(line.rsplit(":", 1)[1]))
    process.terminate()
    assert process.communicate(timeout=10) == ("", "")


@pytest.fixture(autouse=True)
def gateway(running_gateway: Gateway) -> Gateway:
    """The one simulator of these tests, with everything forgotten."""
    assert running_gateway.ask("POST", "/_simulator/reset").status == 200
    return running_gateway


@pytest.fixture(scope="session")
def gateway_url(running_gateway: Gateway) -> str:
    return f"http://127.0.0.1:{running_gateway.port}"


@pytest.fixture(scope="session")
def proxy(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The proxy as it comes."""
    with proxying(tmp_path_factory.mktemp("proxy"), gateway_url) as running:
        yield running


@pytest.fixture(scope="session")
def nervous(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy with short limits, small bodies, and images from this machine."""
    short = {"keep_alive_s": 0.05, "upstream_idle_timeout_s": 0.6, "max_body_mb": 1, "allow_private_images": True}
    with proxying(tmp_path_factory.mktemp("nervous"), gateway_url, **short) as running:
        yield running


@pytest.fixture(scope="session")
def pseudo(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy that streams only in appearance, to known users, under their own names."""
    with proxying(tmp_path_factory.mktemp("pseudo"), gateway_url, "--pseudo-stream") as running:
        yield running


@pytest.fixture(scope="session")
def client(proxy: Proxy) -> Iterator[openai.OpenAI]:
    with sdk(proxy) as opened:
        yield opened
