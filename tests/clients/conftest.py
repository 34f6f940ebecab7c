"""The proxy and the simulator as in the integration tests, for clients that people really use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.programs import Node, node_here
from tests.integration.conftest import gateway as gateway
from tests.integration.conftest import gateway_url as gateway_url
from tests.integration.conftest import proxy as proxy
from tests.integration.conftest import running_gateway as running_gateway
from tests.integration.proxying import Proxy, proxying


@pytest.fixture(scope="session")
def strict(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy that wants a model named, as OpenAI does."""
    without: dict[str, object] = {"default_chat_model": "", "default_embedding_model": ""}
    with proxying(tmp_path_factory.mktemp("strict"), gateway_url, **without) as running:
        yield running


@pytest.fixture(scope="session")
def node() -> Node:
    return node_here()
