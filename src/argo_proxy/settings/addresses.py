"""Checks of what names a place: hosts, URLs, origins, address overrides, and where state is kept."""

import ipaddress
import re
from collections.abc import Mapping
from typing import cast
from urllib.parse import SplitResult, urlsplit

from argo_proxy.settings.checks import text, word
from argo_proxy.settings.problems import CheckError

MEMORY = "memory:"
HOST_NAME = re.compile(r"(?!(.*\.)?[0-9]+$)[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?")
ORIGIN = re.compile(r"\*|null|[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#@]+")
WITH_LOGIN = re.compile(r"[^/]*//[^/?#]*@")
STATE_FILE = re.compile(r"sqlite:///(?!:memory:)[^?#]*[^?#/]")
HOST_EXPECTED = "an address such as 127.0.0.1, or a host name"
OVERRIDES = "a host or host:port, and the address or address:port to connect to (IPv6 with a port in brackets)"


def host(value: object) -> str:
    """An address or name to listen on. The empty one, which means every interface to asyncio, is refused."""
    found = word(value)
    if is_host(found):
        return found
    bare = found.removeprefix("[").removesuffix("]")
    raise CheckError(f"it without brackets: {bare}" if is_address(bare) else HOST_EXPECTED)


def url(value: object) -> str:
    """An http(s) URL, given back as it is: a trailing slash matters to the gateway."""
    found = word(value)
    if WITH_LOGIN.match(found):
        raise CheckError("one without", "a URL with a user name or password")
    parts = split(found)
    if parts is None:
        raise CheckError("a URL such as https://apps.inside.anl.gov/argoapi")
    if "?" in found or "#" in found:
        raise CheckError("a URL without '?' and '#'")
    if parts.scheme not in ("http", "https") or not is_host(parts.hostname or ""):
        raise CheckError("a URL that starts with http:// or https:// and a host")
    return found


def origin(value: object) -> str:
    found = word(value)
    if ORIGIN.fullmatch(found):
        return found
    raise CheckError("'*' or an origin such as https://example.org, without a path or closing slash")


def state_url(value: object) -> str:
    """Where responses are stored, in SQLAlchemy's form: what follows `sqlite:///` is the path."""
    found = text(value)
    if found == MEMORY or STATE_FILE.fullmatch(found):
        return found
    raise CheckError(
        "memory:, sqlite:///file.db, sqlite:///~/file.db or sqlite:////absolute/path/file.db",
        "a URL that is not shown" if WITH_LOGIN.match(found) else None,
    )


def overrides(value: object) -> Mapping[str, str]:
    """Where to connect instead, as `curl --resolve` does: host names in lower case, as URLs are compared."""
    pairs = pairs_in(value)
    for name, address in pairs:
        if not (is_endpoint(name) and is_endpoint(address)):
            raise CheckError(OVERRIDES, f"{str(name)[:40]!r} and {str(address)[:40]!r}")
    return {str(name).lower(): str(address) for name, address in pairs}


def pairs_in(value: object) -> list[tuple[object, object]]:
    """The pairs of a mapping, or of plain text such as `host=address,host2=address2`."""
    if isinstance(value, Mapping):
        return list(cast("Mapping[object, object]", value).items())
    if isinstance(value, str):
        parts = [part.partition("=") for part in value.split(",") if part.strip()]
        return [(name.strip(), address.strip()) for name, _, address in parts]
    raise CheckError("a mapping of " + OVERRIDES)


def split(found: str) -> SplitResult | None:
    """The parts of a URL, or None when its port or its brackets are wrong."""
    try:
        parts = urlsplit(found)
        return None if parts.port == 0 else parts
    except ValueError:
        return None


def is_host(found: str) -> bool:
    return is_address(found) or HOST_NAME.fullmatch(found) is not None


def is_address(found: str) -> bool:
    try:
        ipaddress.ip_address(found)
    except ValueError:
        return False
    return True


def is_endpoint(found: object) -> bool:
    """`name`, `name:port`, `1.2.3.4`, `1.2.3.4:port`, `::1`, `[::1]` or `[::1]:port`."""
    if not isinstance(found, str) or set("/?#@") & set(found) or found.endswith(":"):
        return False
    parts = split(f"//{found}")
    return is_host(found) or (parts is not None and is_host(parts.hostname or ""))
