from __future__ import annotations

from hashlib import sha256

import pytest

from argo_proxy.canonical.errors import Denied
from argo_proxy.settings.api_keys import api_keys as parsed
from argo_proxy.web.access import Access, Origins, preflight_headers
from argo_proxy.web.http import Http


class NoWire:
    """For a request that is never answered."""

    congested = False
    peer = "192.0.2.7"

    def write(self, *pieces: bytes) -> None:
        raise AssertionError(pieces)

    async def drain(self) -> None:
        raise AssertionError

    def abort(self) -> None:
        raise AssertionError


def shown(authorization: str | None) -> Http:
    headers = {} if authorization is None else {b"authorization": authorization.encode("latin-1")}
    return Http(NoWire(), "POST", "/", headers)


def access(*, api_keys: object = (), passthrough: bool = False) -> Access:
    keys = [*api_keys] if isinstance(api_keys, tuple) else api_keys
    return Access(user="jdoe", api_keys=parsed(keys), username_passthrough=passthrough)


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


HASH = "sha256:" + sha256(b"two").hexdigest()


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (("one", "two"), "key 2"),
        (("one", HASH), "key 2"),
        ({"alice": "one", "bob": "two"}, "bob"),
        ({"alice": "one", "bob": HASH}, "bob"),
        ({"bob": HASH, "bob-again": "two"}, "bob"),
    ],
)
def test_a_key_is_noted_by_its_name(keys: object, name: str) -> None:
    http = shown("Bearer two")
    access(api_keys=keys).check(http)
    assert http.record.key == name


def test_a_hash_is_no_key() -> None:
    for wrong in (HASH, HASH.removeprefix("sha256:")):
        with pytest.raises(Denied):
            access(api_keys=(HASH,)).check(shown(f"Bearer {wrong}"))


def test_without_configured_keys_none_is_noted() -> None:
    http = shown("Bearer two")
    access().check(http)
    assert http.record.key is None


def with_headers(**headers: str) -> Http:
    return Http(NoWire(), "POST", "/", {name.replace("_", "-").encode(): v.encode() for name, v in headers.items()})


@pytest.mark.parametrize(
    "headers",
    [
        {"x_api_key": "one"},
        {"x_api_key": " one "},
        {"x_api_key": "one", "authorization": "Basic abc"},
        {"x_api_key": "one", "authorization": "Bearer "},
        {"x_api_key": "wrong", "authorization": "Bearer one"},
    ],
)
def test_a_key_may_be_shown_as_anthropics_clients_do(headers: dict[str, str]) -> None:
    http = with_headers(**headers)
    access(api_keys=("one",)).check(http)
    assert access(api_keys=("one",)).owner(http) == sha256(b"one").hexdigest()


@pytest.mark.parametrize(
    "headers", [{"x_api_key": ""}, {"x_api_key": "on"}, {"authorization": "Bearer no", "x_api_key": "one"}]
)
def test_one_key_is_tried_and_no_other(headers: dict[str, str]) -> None:
    with pytest.raises(Denied):
        access(api_keys=("one",)).check(with_headers(**headers))


def test_what_a_key_stored_stays_its_own_however_the_key_is_written_down() -> None:
    http = shown("Bearer two")
    owners = {access(api_keys=keys).owner(http) for keys in (("two",), (HASH,), {"bob": "two"}, {"bob": HASH})}
    assert owners == {sha256(b"two").hexdigest()}
    assert access().owner(http) == ""


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
