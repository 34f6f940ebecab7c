import pytest

from argo_proxy import __version__
from argo_proxy.gateway.endpoint import Endpoint, Origin


@pytest.mark.parametrize(
    ("url", "origin", "target", "host"),
    [
        ("http://argo.example/api/chat/", Origin("argo.example", 80, False), "/api/chat/", "argo.example"),
        ("https://argo.example", Origin("argo.example", 443, True), "/", "argo.example"),
        ("https://ARGO.example:8443/a?b=c", Origin("argo.example", 8443, True), "/a?b=c", "ARGO.example:8443"),
        ("http://[::1]:81/x", Origin("::1", 81, False), "/x", "[::1]:81"),
    ],
)
def test_a_url_is_taken_apart_into_origin_target_and_host(url: str, origin: Origin, target: str, host: str) -> None:
    endpoint = Endpoint(url)
    head = endpoint.get().decode().split("\r\n")
    assert (endpoint.url, endpoint.origin) == (url, origin)
    assert head[:2] == [f"GET {target} HTTP/1.1", f"Host: {host}"]


def test_a_post_carries_its_body_with_the_length_in_bytes() -> None:
    head, _, body = Endpoint("http://x/y", accept="text/plain").post("é".encode()).partition(b"\r\n\r\n")
    assert body == b"\xc3\xa9"
    assert head.decode().split("\r\n") == [
        "POST /y HTTP/1.1",
        "Host: x",
        f"User-Agent: argo-proxy/{__version__}",
        "Accept: text/plain",
        "Accept-Encoding: identity",
        "Content-Type: application/json",
        "Content-Length: 2",
    ]


def test_a_get_has_no_body_and_ends_with_an_empty_line() -> None:
    assert Endpoint("http://x/y").get().endswith(b"Accept-Encoding: identity\r\n\r\n")


def test_an_origin_is_written_as_host_and_port() -> None:
    assert str(Origin("argo.example", 443, True)) == "argo.example:443"


def test_a_url_that_is_not_ascii_is_an_error_and_never_a_request() -> None:
    with pytest.raises(ValueError, match="ascii"):
        Endpoint("http://x/é")
