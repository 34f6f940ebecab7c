"""The forms that keys may be given in."""

from __future__ import annotations

from hashlib import sha256

import pytest

from argo_proxy.settings import ApiKey
from argo_proxy.settings.api_keys import api_keys, masked
from argo_proxy.settings.problems import CheckError


def digest(key: str) -> bytes:
    return sha256(key.encode()).digest()


ONE, TWO = ApiKey(digest("one"), plain="one"), ApiKey(digest("two"), plain="two")
HASH = f"sha256:{digest('one').hex()}"


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        (["one", "two"], (ONE, TWO)),
        ("one, two,", (ONE, TWO)),
        ([], ()),
        ({}, ()),
        ([HASH, HASH.upper().replace("SHA", "sha")], (ApiKey(digest("one")), ApiKey(digest("one")))),
        (HASH, (ApiKey(digest("one")),)),
        ({"alice": "one", "bob": HASH}, (ApiKey(digest("one"), "alice", "one"), ApiKey(digest("one"), "bob"))),
    ],
)
def test_keys_are_a_list_or_have_names(given: object, keys: tuple[ApiKey, ...]) -> None:
    assert api_keys(given) == keys


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("sha256:", "a key, or sha256: and 64 hexadecimal digits"),
        (["one", HASH[:-1]], "a key, or sha256: and 64 hexadecimal digits"),
        ([f"{HASH}0"], "a key, or sha256: and 64 hexadecimal digits"),
        ([f"SHA256:{'x' * 64}"], "a key, or sha256: and 64 hexadecimal digits"),
        (["one", "*" * 8], "the key itself, not the asterisks that --show prints in its place"),
        ({"alice": 12345}, "text: put it in quotes"),
        ({"alice": ["one"]}, "text, not empty and without control characters"),
        ({"a b": "one"}, "plain ASCII text without spaces"),
        ({"a\nb": "one"}, "text, not empty and without control characters"),
        ({1: "one"}, "text: put it in quotes"),
        ({"a" * 65: "one"}, "a name of at most 64 characters"),
        ([{"alice": "one"}], "text, not empty and without control characters"),
        (7, "a list of keys, or names with a key each"),
        (None, "a list of keys, or names with a key each"),
    ],
)
def test_what_is_no_key_is_refused_without_being_shown(given: object, expected: str) -> None:
    with pytest.raises(CheckError) as wrong:
        api_keys(given)
    assert wrong.value.expected == expected
    assert not any(secret in (wrong.value.found or "") for secret in ("one", "12345", "alice"))


def test_a_key_shows_in_no_representation() -> None:
    assert "plain" not in repr(api_keys(["a-plain-key"]))


def test_keys_are_masked_and_their_names_are_not() -> None:
    assert masked(api_keys("one,two"), "*") == ["*", "*"]
    assert masked(api_keys({"alice": "one", "bob": HASH}), "*") == {"alice": "*", "bob": "*"}
    assert masked((), "*") == []
