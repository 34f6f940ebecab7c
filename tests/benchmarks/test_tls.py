from __future__ import annotations

import os

import pytest

if os.name != "posix":
    pytest.skip("for Linux", allow_module_level=True)

from benchmarks.tls import Handshakes, handshakes, shown

LOG = """\
7 . TLSv1.3
7 . TLSv1.3
9 r TLSv1.3
11 r TLSv1.3
"""


def test_the_gateways_log_tells_how_often_a_session_was_resumed() -> None:
    assert handshakes(LOG) == Handshakes(requests=4, connections=3, resumed=2, protocol="TLSv1.3")


def test_nothing_is_seen_where_nothing_has_come() -> None:
    assert handshakes("") == Handshakes(0, 0, 0, "-")


def test_who_resumes_is_shown_beside_who_does_not() -> None:
    seen = {("TLS", "nginx"): Handshakes(9000, 1200, 1100, "TLSv1.3")}
    assert shown(seen).splitlines()[-1] == "| TLS | nginx | 9,000 | 1,200 | 1,100 | TLSv1.3 |"
