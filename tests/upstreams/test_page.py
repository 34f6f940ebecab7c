"""A web page in the place of an answer."""

from __future__ import annotations

from argo_proxy.canonical.events import Events, ReplyFailed
from argo_proxy.upstreams.page import PageDecoder

PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


def told(events: Events) -> str:
    (failed,) = events
    assert isinstance(failed, ReplyFailed)
    assert failed.error.http_code == "bad_answer"
    return failed.error.message


def test_the_error_says_what_the_page_says_however_it_comes() -> None:
    decoder = PageDecoder()
    assert [*decoder.feed(PAGE[:20]), *decoder.feed(PAGE[20:])] == []
    assert told(decoder.finish()) == "ARGO answered with a web page: 502 Bad Gateway"


def test_a_page_without_an_end_is_not_waited_for() -> None:
    decoder = PageDecoder()
    assert list(decoder.feed(PAGE)) == []
    assert "502 Bad Gateway" in told(decoder.feed(b" " * 65_536))
