"""Every way of being open to others is told, each in one loud line with its cure."""

from __future__ import annotations

import pytest

from argo_proxy.cli.exposure import exposures
from argo_proxy.settings import Settings, resolve

LOCAL = {"user": "jdoe", "host": "127.0.0.1"}


def settings(**given: str) -> Settings:
    environ = {f"ARGO_PROXY_{name.upper()}": value for name, value in {**LOCAL, **given}.items()}
    return resolve({}, environ, None).settings


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "10.1.2.3", "146.137.1.2", "fe80::1", "::ffff:10.1.2.3", "login1.anl.gov", "169.254.1.1"],
)
@pytest.mark.parametrize("more", [{}, {"username_passthrough": "true"}])
def test_an_address_that_others_reach_is_open_without_keys(host: str, more: dict[str, str]) -> None:
    given = settings(host=host, **more)
    [line] = exposures(given)
    assert line.startswith(
        f"WARNING: everyone who can reach {given.host} can use ARGO as 'jdoe'; cure: --host 127.0.0.1"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LocalHost"])
def test_this_machine_alone_is_not_open(host: str) -> None:
    assert exposures(settings(host=host)) == []


@pytest.mark.parametrize("more", [{"api_keys": "k"}, {"socket": "/run/user/1/s"}])
def test_neither_is_what_has_keys_or_a_socket(more: dict[str, str]) -> None:
    assert exposures(settings(host="0.0.0.0", cors_origins="*", **more)) == []


def test_any_web_page_is_anybody() -> None:
    [line] = exposures(settings(cors_origins="https://a.example,*"))
    assert line.startswith("WARNING: every web page that is opened on this machine can use ARGO as 'jdoe'; cure: ")
    assert exposures(settings(cors_origins="https://*.example,http://localhost:*")) == []


def test_a_log_of_bodies_is_read_by_others_whatever_keeps_them_out() -> None:
    [line] = exposures(settings(log_bodies="true", api_keys="k"))
    assert line == "WARNING: the log shows what is asked and answered; cure: log_bodies: false"


def test_every_exposure_is_told_in_a_line_of_its_own() -> None:
    assert len(exposures(settings(host="::", cors_origins="*", log_bodies="1"))) == 3
