"""What the check of ARGO's URLs finds, and which cure it tells."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from argo_proxy.cli.connectivity import Finding, check, check_urls
from argo_proxy.settings import Settings, resolve
from argo_proxy.settings.table import URL_PATHS
from tests.simulator.running import Gateway, start


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    process, line = start()
    running = Gateway(int(line.rsplit(":", 1)[1]))
    yield running
    process.terminate()
    process.communicate(timeout=10)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Bound, so that nobody else takes it, and not listened on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def settings(base: str, **more: str) -> Settings:
    given = {"user": "jdoe", "argo_base_url": base, "connect_timeout_s": "2", **more}
    return resolve({}, {f"ARGO_PROXY_{name.upper()}": value for name, value in given.items()}, None).settings


def chat_finding(found: Settings) -> Finding:
    return check(found)[0]


def test_a_gateway_in_reach_gives_four_findings_without_a_problem(gateway: Gateway) -> None:
    heard: list[Finding] = []
    findings = check(settings(f"http://127.0.0.1:{gateway.port}/argoapi"), heard.append)
    assert [finding.key for finding in findings] == list(URL_PATHS)
    assert [finding.problem for finding in findings] == [None] * 4
    assert set(heard) == set(findings)


def test_a_wrong_path_is_told_with_its_key(gateway: Gateway) -> None:
    finding = chat_finding(settings(f"http://127.0.0.1:{gateway.port}/nothing"))
    assert finding.problem == "there is nothing at this path (HTTP 404)"
    assert finding.cure == "correct `argo_url`, or leave it out"


@pytest.mark.parametrize(
    ("status", "problem"),
    [(302, "leads elsewhere"), (403, "lets nobody in from here"), (503, "does not work at the moment")],
)
def test_an_answer_that_is_not_argos_is_told(gateway: Gateway, status: int, problem: str) -> None:
    gateway.script({"match": "/models", "status": status})
    *others, models = check(settings(f"http://127.0.0.1:{gateway.port}/argoapi"))
    assert (models.problem or "").startswith(f"{problem} (HTTP {status})")
    assert [finding.problem for finding in others] == [None] * 3


def test_silence_is_given_up(gateway: Gateway) -> None:
    gateway.script({"match": "/models", "stall": "before_headers"})
    found = asyncio.run(check_urls(settings(f"http://127.0.0.1:{gateway.port}/argoapi"), limit_s=0.3))
    assert [finding.problem for finding in found] == [None, None, None, "no answer within 0.3 s"]


def test_nobody_listening_makes_one_think_of_the_tunnel(closed_port: int) -> None:
    finding = chat_finding(settings(f"http://127.0.0.1:{closed_port}"))
    assert f"cannot connect to 127.0.0.1:{closed_port}" in (finding.problem or "")
    assert "SSH tunnel" in (finding.cure or "")


def test_an_unknown_name_makes_one_think_of_the_vpn() -> None:
    finding = chat_finding(settings("http://argo.invalid"))
    assert finding.problem == "the host name argo.invalid cannot be resolved"
    assert "VPN" in (finding.cure or "")


def test_a_stranger_in_the_place_of_argo_is_not_trusted(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("argo.example")
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    issued.private_key_pem.write_to_path(str(key))
    issued.cert_chain_pems[0].write_to_path(str(chain))
    process, line = start("--certfile", str(chain), "--keyfile", str(key))
    try:
        tunnel = f"argo.example=127.0.0.1:{line.rsplit(':', 1)[1].strip()}"
        finding = chat_finding(settings("https://argo.example/argoapi", resolve_overrides=tunnel))
    finally:
        process.terminate()
        process.communicate(timeout=10)
    assert (finding.problem or "").startswith("the certificate of argo.example:443 is not trusted: ")
    assert "`ca_file`" in (finding.cure or "")
