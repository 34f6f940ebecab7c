"""Keys that let clients in: as they are, or as their SHA-256 alone, so that who reads the file cannot use them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import cast

from argo_proxy.settings import checks
from argo_proxy.settings.problems import CheckError

NAME_MAX = 64
EXPECTED = "a list of keys, or names with a key each"
HASH_EXPECTED = "a key, or sha256: and 64 hexadecimal digits"
MASK_EXPECTED = "the key itself, not the asterisks that --show prints in its place"
HASH = re.compile(r"sha256:([0-9a-f]{64})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`digest` is the key's SHA-256; `plain` the key itself, where it was given; `name` is what the log calls it."""

    digest: bytes
    name: str | None = None
    plain: str | None = field(default=None, repr=False)


def api_keys(value: object) -> tuple[ApiKey, ...]:
    """A list, or a mapping of names to keys; as plain text the keys are separated by commas."""
    if isinstance(value, Mapping):
        named = cast("Mapping[object, object]", value).items()
        return checks.words(lambda pair: named_key(cast("tuple[object, object]", pair)), EXPECTED)(list(named))
    return checks.words(api_key, EXPECTED)(value)


def named_key(pair: tuple[object, object]) -> ApiKey:
    name, value = pair
    found = checks.word(name)
    if len(found) > NAME_MAX:
        raise CheckError(f"a name of at most {NAME_MAX} characters")
    return api_key(value, found)


def api_key(value: object, name: str | None = None) -> ApiKey:
    found = checks.word(value)
    if not found.strip("*"):
        raise CheckError(MASK_EXPECTED)
    if not found.lower().startswith("sha256:"):
        return ApiKey(sha256(found.encode()).digest(), name, found)
    digest = HASH.fullmatch(found)
    if digest is None:
        raise CheckError(HASH_EXPECTED)
    return ApiKey(bytes.fromhex(digest[1]), name)


def masked(keys: Sequence[ApiKey], mask: str) -> object:
    """As they are given, with the mask in place of each."""
    if any(key.name for key in keys):
        return {key.name: mask for key in keys}
    return [mask] * len(keys)
