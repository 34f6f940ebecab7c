"""OpenAI's client for Node, by Node's own test runner: one test here is one file of tests in `node`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.programs import NODE_FOLDER, Node
from tests.integration.proxying import Proxy, proxying


@pytest.fixture(scope="module")
def locked(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy that wants a key."""
    with proxying(tmp_path_factory.mktemp("locked"), gateway_url, api_keys=["right"]) as running:
        yield running


@pytest.mark.parametrize("file", sorted(path.name for path in NODE_FOLDER.glob("*.test.mjs")))
def test_openais_client_for_node(
    node: Node, proxy: Proxy, locked: Proxy, gateway_url: str, tmp_path: Path, file: str
) -> None:
    node.test(file, tmp_path, PROXY=proxy.url, LOCKED=locked.url, GATEWAY=gateway_url)
