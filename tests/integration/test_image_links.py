"""Images that a request only links to, from a small server on this machine."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import openai
import pytest

from tests.integration.proxying import CHAT, Proxy, chats, said, sdk
from tests.simulator.running import Gateway

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
PAGES = {
    "/image.png": (200, {}, PNG),
    "/moved": (302, {"Location": "/image.png"}, b""),
    "/endless": (302, {"Location": "/endless"}, b""),
    "/page.html": (200, {"Content-Type": "image/png"}, b"<html>"),
    "/gone": (404, {}, b""),
    "/big": (200, {"Content-Length": str(10**9)}, b"\x89PNG\r\n\x1a\n"),
}


class Images(ThreadingHTTPServer):
    """Counts what was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.asked: list[str] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class Page(BaseHTTPRequestHandler):
    server: Images

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, headers, body = PAGES[self.path]
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        try:
            while self.path == "/big":
                self.wfile.write(bytes(2**20))
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: tests are quiet."""


@pytest.fixture
def images() -> Iterator[Images]:
    with Images() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def linked(*urls: str) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [{"type": "text", "text": "look"}]
    return [{"role": "user", "content": parts + [{"type": "image_url", "image_url": {"url": url}} for url in urls]}]


def refusal(proxy: Proxy, url: str) -> str:
    answer = proxy.ask("POST", CHAT, said("", messages=linked(url)))
    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_image_url")
    return answer.json["error"]["message"]


@pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"])
def test_a_linked_image_goes_along_as_if_it_had_been_in_the_request(
    nervous: Proxy, gateway: Gateway, images: Images, model: str
) -> None:
    with sdk(nervous) as client:
        completion = client.chat.completions.create(
            model=model, messages=linked(images.url("/image.png"), images.url("/moved"))
        )
    assert completion.choices[0].message.content == "You said: look"
    sent = str(chats(gateway.received())[0]["body"])
    assert sent.count(base64.b64encode(PNG).decode()) == 2
    assert "127.0.0.1" not in sent
    assert sorted(images.asked) == ["/image.png", "/image.png", "/moved"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0x7f.1"])
def test_private_addresses_are_refused_and_never_asked(
    proxy: Proxy, gateway: Gateway, images: Images, host: str
) -> None:
    told = refusal(proxy, images.url("/image.png").replace("127.0.0.1", host))
    assert "private network" in told or "host is not known" in told
    assert (images.asked, chats(gateway.received())) == ([], [])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/endless", "too many redirects"),
        ("/page.html", "none of PNG, JPEG, GIF and WebP"),
        ("/gone", "its server answered 404"),
        ("/big", "longer than"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_link(
    nervous: Proxy, gateway: Gateway, images: Images, path: str, expected: str
) -> None:
    told = refusal(nervous, images.url(path))
    assert images.url(path) in told
    assert expected in told
    assert chats(gateway.received()) == []


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/a.png", "file:///etc/passwd", "a.png", "", "data:text/plain,hello"])
def test_what_is_no_link_is_refused(client: openai.OpenAI, url: str) -> None:
    with pytest.raises(openai.BadRequestError, match=r"base64|http\(s\)"):
        client.chat.completions.create(model="argo:gpt-4o", messages=linked(url))


@pytest.mark.parametrize("data", ["not base64!", base64.b64encode(b"<svg/>").decode(), "", "iVBORw0KGgo"])
def test_a_data_url_that_is_no_image_is_refused(client: openai.OpenAI, data: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="argo:gpt-4o", messages=linked(f"data:image/png;base64,{data}"))
    assert caught.value.param == "messages[0].content[1].image_url.url"


def test_a_link_to_a_model_that_sees_no_image_is_not_even_fetched(nervous: Proxy, images: Images) -> None:
    answer = nervous.ask("POST", CHAT, said("", "argo:o3-mini", messages=linked(images.url("/image.png"))))
    assert answer.status == 400
    assert images.asked == []
