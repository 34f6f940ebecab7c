"""Whom to trust over TLS, and that a session is gone on from."""

import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from argo_proxy.gateway import trust
from argo_proxy.gateway.endpoint import Origin
from argo_proxy.gateway.pool import Pool
from argo_proxy.gateway.trust import ResumingContext, Trust, trusting
from tests.gateway.loopback import Visit, both_loops, serving

Run = Callable[..., Any]
GET = b"GET / HTTP/1.1\r\nHost: argo.example\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"

pytestmark = pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="the system decides there")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@both_loops
def test_the_next_connection_goes_on_from_the_session_of_the_one_before(
    run: Run, version: ssl.TLSVersion, tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.maximum_version = version
    authority.issue_cert("argo.example", "other.example").configure_cert(server_side)
    resumed: list[bool] = []

    async def answer(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        resumed.append(visit.writer.get_extra_info("ssl_object").session_reused)
        visit.say(ANSWER)
        await visit.hang_up()

    async def scene() -> None:
        async with serving(answer, server_side) as server:
            overrides = {"argo.example": str(server.origin), "other.example": str(server.origin)}
            pool = Pool(
                connect_timeout_s=5,
                idle_timeout_s=5,
                resolve_overrides=overrides,
                trust=Trust(str(tmp_path / "ca.pem")),
            )
            for host in ("argo.example", "argo.example", "argo.example", "other.example"):
                response = await pool.send(Origin(host, 443, secure=True), GET)
                assert await response.read_all(10) == b"ok"
            pool.close()

    run(scene())
    assert resumed == [False, True, True, False]


def test_the_certificates_of_the_system_are_trusted_and_names_are_checked() -> None:
    context = trusting(None)
    assert isinstance(context, ResumingContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_a_trust_reads_the_certificates_once(tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    once = Trust(str(tmp_path / "ca.pem"))
    first = once.context
    (tmp_path / "ca.pem").unlink()
    assert once.context is first


@pytest.mark.parametrize(("name", "falls_back"), [("README", True), ("0a1b2c3d.0", False)])
def test_a_folder_without_usable_names_leads_to_where_other_systems_keep_theirs(
    name: str, falls_back: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, elsewhere = tmp_path / "certs", tmp_path / "elsewhere.pem"
    folder.mkdir()
    (folder / name).touch()
    trustme.CA().cert_pem.write_to_path(str(elsewhere))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    monkeypatch.setattr(trust, "_CA_FILES", (str(tmp_path / "missing.pem"), str(elsewhere)))
    assert len(trusting(None).get_ca_certs()) == (1 if falls_back else 0)


def test_a_file_without_certificates_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none")
    with pytest.raises(ssl.SSLError):
        trusting(str(tmp_path / "ca.pem"))
