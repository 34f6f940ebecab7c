"""Names and certificates of ARGO's hosts, on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from argo_proxy.cli.checkup import Check
from argo_proxy.cli.checkup_hosts import hosts
from argo_proxy.gateway.pool import Pool
from argo_proxy.gateway.trust import Trust
from argo_proxy.settings import Settings, resolve
from tests.simulator.running import start

LIMIT_S = 5.0


def settings(base: str, **more: str) -> Settings:
    given = {"user": "jdoe", "argo_base_url": base, **more}
    return resolve({}, {f"ARGO_PROXY_{name.upper()}": value for name, value in given.items()}, None).settings


def checks(of: Settings) -> tuple[Check, ...]:
    async def play() -> tuple[Check, ...]:
        pool = Pool(
            connect_timeout_s=LIMIT_S,
            idle_timeout_s=LIMIT_S,
            resolve_overrides=of.resolve_overrides,
            trust=Trust(of.ca_file),
        )
        try:
            return await hosts(of, pool, LIMIT_S)
        finally:
            pool.close()
            await asyncio.sleep(0)  # for the connections to see that they are closed

    return asyncio.run(play())


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def secure_port(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("certificates")
    issued = authority.issue_cert("argo.example")
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    issued.cert_chain_pems[0].write_to_path(str(folder / "chain.pem"))
    process, line = start("--certfile", str(folder / "chain.pem"), "--keyfile", str(folder / "key.pem"))
    yield int(line.rsplit(":", 1)[1])
    process.terminate()
    process.communicate(timeout=10)


def test_a_host_at_the_end_of_a_tunnel_is_told_with_it_and_trusted(
    authority: trustme.CA, secure_port: int, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    end = f"127.0.0.1:{secure_port}"
    options = {"resolve_overrides": f"argo.example={end}", "ca_file": str(tmp_path / "ca.pem")}
    assert checks(settings("https://argo.example", **options)) == (
        Check("DNS", "ok", f"argo.example is asked for at {end}, by `resolve_overrides`"),
        Check("TLS", "ok", "the certificate of argo.example:443 is trusted"),
    )


def test_a_certificate_of_strangers_is_a_failure_with_the_cure(secure_port: int) -> None:
    tunnel = f"argo.example=127.0.0.1:{secure_port}"
    _, tls = checks(settings("https://argo.example", resolve_overrides=tunnel))
    assert (tls.name, tls.state) == ("TLS", "failed")
    assert tls.found.startswith("the certificate of argo.example:443 is not trusted: ")
    assert "`ca_file`" in (tls.cure or "")


def test_a_name_that_nobody_knows_is_a_failure_and_its_certificate_skipped() -> None:
    dns, tls = checks(settings("https://argo.invalid"))
    assert (dns.state, dns.found) == ("failed", "the name argo.invalid is not known here")
    assert "VPN" in (dns.cure or "")
    assert tls == Check("TLS", "skipped", "no connection to argo.invalid:443")


def test_every_host_is_checked_once() -> None:
    base = {"argo_embedding_url": "http://localhost:9/", "argo_model_url": "http://127.0.0.1:8/"}
    names = [check for check in checks(settings("http://127.0.0.1:9", **base)) if check.name == "DNS"]
    assert names[0] == Check("DNS", "ok", "127.0.0.1 is an address")
    assert [check.found.partition(" is ")[0] for check in names] == ["127.0.0.1", "localhost"]
