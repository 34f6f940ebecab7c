"""A gateway that cannot be reached at all: an error before anything was told, for requests of every kind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme

from tests.chaos.faults import EMBED, NOTHING, PASSED_STREAM, STREAMED
from tests.chaos.judge import Request
from tests.chaos.kinds import FAMILIES, KINDS, Kind
from tests.chaos.line import Line
from tests.integration.proxying import proxying
from tests.simulator.running import start


class Trouble(NamedTuple):
    """With an address; `said` is in the message."""

    address: str
    status: int
    code: str
    said: str


class Troubles(NamedTuple):
    """With each of the configured addresses."""

    chat: Trouble
    stream: Trouble
    embedding: Trouble

    @property
    def settings(self) -> dict[str, object]:
        return {
            "argo_url": f"{self.chat.address}/chat/",
            "argo_stream_url": f"{self.stream.address}/streamchat/",
            "argo_embedding_url": f"{self.embedding.address}/embed/",
        }

    def met_by(self, kind: Kind) -> Trouble:
        if kind.hit == EMBED or kind.path == "/v1/embed":
            return self.embedding
        return self.stream if kind.hit in (STREAMED, PASSED_STREAM) else self.chat


REFUSED = Trouble("http://127.0.0.1:9", 503, "connect_error", "127.0.0.1:9")
NAMELESS = Trouble(f"http://{'a' * 64}.example", 503, "dns_error", "cannot be resolved")
DISTRUSTED = Trouble("https://strange.example", 502, "tls_error", "is not trusted")
WAITING = (503, "gateway_unreachable")
"""After some failures in a row nothing is tried for a moment."""


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a gateway whose certificate nobody trusts."""
    folder = tmp_path_factory.mktemp("certificates")
    issued = trustme.CA().issue_cert("strange.example")
    issued.private_key_and_cert_chain_pem.write_to_path(str(folder / "all.pem"))
    process, line = start("--certfile", str(folder / "all.pem"), "--keyfile", str(folder / "all.pem"))
    yield int(line.rsplit(":", 1)[1])
    process.terminate()
    process.communicate(timeout=10)


def test_every_request_ends_as_its_address_says(secure: int, tmp_path: Path) -> None:
    troubles = Troubles(chat=REFUSED, stream=NAMELESS, embedding=DISTRUSTED)
    overrides = {"strange.example": f"127.0.0.1:{secure}"}
    with proxying(tmp_path, "http://127.0.0.1:9", resolve_overrides=overrides, **troubles.settings) as proxy:
        wrong = asyncio.run(complaints(proxy.port, troubles))
        assert "Traceback" not in proxy.log.text
    assert wrong == []


async def complaints(port: int, troubles: Troubles) -> list[str]:
    """What is wrong with how requests of every kind end, several of each at the same time."""
    asked = [Request(number, kind, NOTHING, model, "hi") for number, model in enumerate(FAMILIES) for kind in KINDS]
    ended = await asyncio.gather(*(complaint(port, request, troubles) for request in asked))
    return [wrong for wrong in ended if wrong]


async def complaint(port: int, request: Request, troubles: Troubles) -> str | None:
    line, trouble = Line(port), troubles.met_by(request.kind)
    answer = await line.ask(request.kind.path, request.body)
    line.close()
    told = request.kind.read(answer)
    ways = [(trouble.status, trouble.code), WAITING]
    if request.kind.held:
        ways += [(200, code) for _, code in ways]
    good = (told.status, told.code) in ways and told.end == "error" and trouble.said in answer.body.decode()
    return None if good else f"{request.kind.name}, {trouble.code}: {answer.body!r} is not one of {ways}"
