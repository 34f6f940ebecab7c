"""What a URL names, and a head without a wish for another protocol."""

from __future__ import annotations

import pytest

from argo_proxy.web.request_head import split, without_upgrade


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        (b"/", "/", b""),
        (b"/a?b=%3F?c#d?e", "/a", b"b=%3F?c"),
        (b"/a#b?c", "/a", b""),
        (b"/\xc3\xa9\xff", "/é\ufffd", b""),
        (b"http://host:1/a?b=c", "/a", b"b=c"),
        (b"/a%3Fb?c=%zz", "/a?b", b"c=%zz"),
        (b"//v1///models?a=//", "/v1/models", b"a=//"),
        (b"http://host:none/a?b=c", "http://host:none/a?b=c", b""),
    ],
)
def test_path_and_query_are_told_apart(url: bytes, path: str, query: bytes) -> None:
    assert split(url) == (path, query)


@pytest.mark.parametrize(
    ("wished", "left"), [(b"upgrade", b""), (b"close, Upgrade", b"close"), (b"Keep-Alive,upgrade", b"Keep-Alive")]
)
def test_the_wish_goes_and_what_else_the_head_says_stays(wished: bytes, left: bytes) -> None:
    headers = {b"host": b"x", b"connection": wished, b"upgrade": b"h2c"}
    assert without_upgrade(b"GET /a HTTP/1.1", headers) == (
        b"GET /a HTTP/1.1\r\nhost: x\r\nconnection: %s\r\n\r\n" % left
    )
    assert headers[b"upgrade"] == b"h2c"
