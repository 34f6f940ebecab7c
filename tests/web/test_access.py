from __future__ import annotations

import pytest

from argo_proxy.canonical.errors import Denied
from argo_proxy.web.access import Access, Origins, preflight_headers
from argo_proxy.web.http import Http


class NoWire:
    """For a request that is never answered."""

    congested = False
    peer = "192.0.2.7"

    def write(self, data: bytes) -> None:
        raise AssertionError(data)

    async def drain(self) -> None:
        raise AssertionError

    def abort(self) -> None:
        raise AssertionError


def shown(authorization: str | None) -> Http:
    headers = {} if authorization is None else {b"authorization": authorization.encode("latin-1")}
    return Http(NoWire(), "POST", "/", headers)


def access(*, api_keys: tuple[str, ...] = (), passthrough: bool = False) -> Access:
    return Access(user="jdoe", api_keys=api_keys, username_passthrough=passthrough)


@pytest.mark.parametrize("authorization", [None, "", "Bearer any", "Basic x"])
def test_without_configured_keys_everything_is_let_in(authorization: str | None) -> None:
    access().check(shown(authorization))
    assert access().user(shown(authorization)) == "jdoe"


@pytest.mark.parametrize("authorization", ["Bearer one", "bearer two", "BEARER  one "])
def test_every_configured_key_is_let_in(authorization: str) -> None:
    access(api_keys=("one", "two")).check(shown(authorization))


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer on", "Bearer onee", "one", "Basic one"]
)
def test_everything_else_is_a_401(authorization: str | None) -> None:
    with pytest.raises(Denied) as caught:
        access(api_keys=("one", "two")).check(shown(authorization))
    assert (caught.value.http_status, caught.value.http_code) == (401, "invalid_api_key")


def test_with_passthrough_the_key_is_the_user() -> None:
    assert access(passthrough=True).user(shown("Bearer asmith")) == "asmith"
    assert access(passthrough=True).user(shown(None)) == "jdoe"


@pytest.mark.parametrize("key", ["two words", "x" * 65, "caf\u00e9", "a\tb"])
def test_with_passthrough_a_key_that_is_no_user_is_a_401(key: str) -> None:
    with pytest.raises(Denied) as caught:
        access(passthrough=True).user(shown(f"Bearer {key}"))
    assert caught.value.http_status == 401
    assert key not in caught.value.message


@pytest.mark.parametrize(
    ("patterns", "origin", "allowed"),
    [
        (["http://localhost:*"], "http://localhost:3000", True),
        (["http://localhost:*"], "http://localhost.evil.example", False),
        (["http://localhost:*"], "http://localhost:1/x", False),
        (["http://localhost:*"], "http://localhost:1@evil.example", False),
        (["http://localhost:*"], "https://localhost:3000", False),
        (["https://lab.example"], "https://lab.example", True),
        (["https://lab.example"], "https://labXexample", False),
        (["https://*.example"], "https://a.example", True),
        (["null"], "null", True),
        (["*"], "https://any.example", True),
        (["*"], "null", True),
        ([], "http://localhost:1", False),
        ([], "", False),
    ],
)
def test_an_origin_is_allowed_by_its_pattern(patterns: list[str], origin: str, allowed: bool) -> None:
    headers = dict(Origins(patterns).headers(origin.encode()))
    assert headers.get(b"access-control-allow-origin") == (origin.encode() if allowed else None)
    assert (headers.get(b"vary") == b"origin") is allowed


def test_a_preflight_is_told_what_it_asked_for() -> None:
    assert dict(preflight_headers(b"authorization"))[b"access-control-allow-headers"] == b"authorization"
    assert dict(preflight_headers(None))[b"access-control-allow-headers"] == b"*"
    assert b"DELETE" in dict(preflight_headers(None))[b"access-control-allow-methods"]
