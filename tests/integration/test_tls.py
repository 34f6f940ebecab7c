"""A gateway behind TLS: trusted by its name and a certificate file, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.integration.proxying import CHAT, frames, proxying, said, text_of
from tests.simulator.running import start

NAME = "argo.example"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    issued = authority.issue_cert(NAME)
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    for at, blob in enumerate(issued.cert_chain_pems):
        blob.write_to_path(str(folder / "cert.pem"), append=at > 0)
    return folder


@pytest.fixture(scope="module")
def secure_port(certificates: Path) -> Iterator[int]:
    process, line = start("--certfile", str(certificates / "cert.pem"), "--keyfile", str(certificates / "key.pem"))
    assert "https://" in line
    yield int(line.rsplit(":", 1)[1])
    process.terminate()
    process.communicate(timeout=10)


def test_a_trusted_gateway_is_spoken_to_through_a_tunnel(certificates: Path, secure_port: int, tmp_path: Path) -> None:
    options = {"ca_file": str(certificates / "ca.pem"), "resolve_overrides": {NAME: f"127.0.0.1:{secure_port}"}}
    with proxying(tmp_path, f"https://{NAME}", **options) as proxy:
        assert proxy.ask("POST", CHAT, said("hi")).json["choices"][0]["message"]["content"] == "You said: hi"
        body = proxy.ask("POST", CHAT, said("x" * 100_000, stream=True)).body
        assert text_of(frames(body)) == "You said: " + "x" * 100_000
        assert proxy.ask("GET", "/health/ready").status == 200
        assert "listed by ARGO" in proxy.log.text


def test_a_gateway_of_another_name_is_a_502_that_says_why(certificates: Path, secure_port: int, tmp_path: Path) -> None:
    options = {
        "ca_file": str(certificates / "ca.pem"),
        "resolve_overrides": {"other.example": f"127.0.0.1:{secure_port}"},
    }
    with proxying(tmp_path, "https://other.example", **options) as proxy:
        answer = proxy.ask("POST", CHAT, said("hi"))
        assert (answer.status, answer.json["error"]["code"]) == (502, "tls_error")
        assert "other.example:443" in answer.json["error"]["message"]


def test_an_unknown_authority_is_a_502_with_the_cure(secure_port: int, tmp_path: Path) -> None:
    with proxying(tmp_path, f"https://{NAME}", resolve_overrides={NAME: f"127.0.0.1:{secure_port}"}) as proxy:
        for stream in (False, True):
            answer = proxy.ask("POST", CHAT, said("hi", stream=stream))
            assert (answer.status, answer.json["error"]["code"]) == (502, "tls_error")
            assert "`ca_file`" in answer.json["error"]["message"]
