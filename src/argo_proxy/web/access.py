"""Who may ask, as whom, and from which web pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from hashlib import sha256
from hmac import compare_digest

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.errors import Unauthenticated
from argo_proxy.settings import ApiKey
from argo_proxy.web.http import Header, Http

_USER_NAME = re.compile(r"(?!cels$)[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}", re.IGNORECASE)
_TOLD_APART_BYTES = 64
_ALLOWED_METHODS = b"GET, POST, DELETE, HEAD, OPTIONS"
_EXPOSED = b"x-request-id, x-argo-proxy-adjusted, x-argo-proxy-overhead-ms, retry-after"


class Access:
    """Checks API keys and tells the ARGO user of a request."""

    def __init__(self, *, user: str, api_keys: Sequence[ApiKey], username_passthrough: bool) -> None:
        self._user = user
        self._keys = [(key.digest, key.name or f"key {place}") for place, key in enumerate(api_keys, 1)]
        self._passthrough = username_passthrough

    def check(self, http: Http) -> None:
        """Raises Unauthenticated unless the request shows one of the keys, which is noted, or none is needed."""
        if not self._keys:
            return
        http.record.key = self._name_of(shown_key(http) or b"")
        if http.record.key is None:
            message = "this proxy needs an API key: send one of its `api_keys` as `Authorization: Bearer KEY`"
            raise Unauthenticated(message)

    def user(self, http: Http) -> str:
        """The ARGO user in whose name the request goes. Raises Unauthenticated for a key that is no user name."""
        key = shown_key(http) if self._passthrough else None
        if key is None:
            return self._user
        name = key.decode("latin-1")
        if not _USER_NAME.fullmatch(name):
            raise Unauthenticated("the API key must be your ARGO user name here")
        return name

    def caller(self, http: Http) -> Caller:
        """Who asks. Those with a key of their own take turns, or else machines, and on them whoever shows another one.

        Raises Unauthenticated.
        """
        shown = (shown_key(http) or b"")[:_TOLD_APART_BYTES]
        return Caller(self.user(http), self.owner(http) or f"{http.peer} {shown!r}")

    def owner(self, http: Http) -> str:
        """Whose the responses are that this request stores: those of its key; "" where keys tell nobody apart."""
        key = shown_key(http) if self._keys or self._passthrough else None
        return "" if key is None else sha256(key).hexdigest()

    def _name_of(self, key: bytes) -> str | None:
        """Compares with every key, and every byte of it, so that the time tells nothing."""
        digest = sha256(key).digest()
        names = [name for known, name in self._keys if compare_digest(digest, known)]
        return names[0] if names else None


class Origins:
    """Which web pages may read answers in a browser (CORS). `*` in an origin stands for any port or any origin."""

    def __init__(self, origins: Collection[str]) -> None:
        patterns = [re.escape(origin).replace(r":\*", r"(:\d{1,5})?").replace(r"\*", r"[^/@:]*") for origin in origins]
        self._allowed = re.compile("|".join(patterns) or r"(?!)")
        self._any = "*" in origins

    def headers(self, origin: bytes | None) -> list[Header]:
        """The headers that let this page read the answer; none when it may not, or the caller is no page."""
        if origin is None or not (self._any or self._allowed.fullmatch(origin.decode("latin-1"))):
            return []
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", _EXPOSED),
            (b"vary", b"origin"),
        ]


def preflight_headers(wanted: bytes | None) -> list[Header]:
    """What a page may send, in answer to its preflight request; it counts for the origins that are allowed alone.

    The proxy mostly runs on the user's own machine or network, which a page from elsewhere may reach only with leave
    (https://wicg.github.io/private-network-access/): whoever allows its origin means it to.
    """
    return [
        (b"access-control-allow-methods", _ALLOWED_METHODS),
        (b"access-control-allow-headers", wanted or b"*"),
        (b"access-control-allow-private-network", b"true"),
        (b"access-control-max-age", b"600"),
    ]


def shown_key(http: Http) -> bytes | None:
    """The API key that the request shows: as OpenAI's clients do, else as Anthropic's do."""
    scheme, _, key = (http.header(b"authorization") or b"").partition(b" ")
    bearer = key.strip() if scheme.lower() == b"bearer" else b""
    return bearer or (http.header(b"x-api-key") or b"").strip() or None
