"""`log_bodies`: what is asked and answered is in the log, on demand alone, and without secrets."""

from __future__ import annotations

import gzip
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.proxying import CHAT, Proxy, proxying, read_until, said, settings_for
from tests.simulator.running import Gateway

WARNING = "WARNING: the log shows what is asked and answered; cure: log_bodies: false"
KEY = "key-of-the-proxy-1"
AS_KEY = {"authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def telling(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("telling")
    with proxying(folder, gateway_url, log_bodies=True, log_format="json", api_keys=[KEY]) as running:
        yield running


def line_of(proxy: Proxy, answer: Any) -> dict[str, Any]:
    return json.loads(proxy.log.wait_for(answer.headers["x-request-id"])[1])


def test_the_start_warns_whatever_keeps_others_out(telling: Proxy) -> None:
    assert WARNING in telling.log.text


@pytest.mark.parametrize(
    ("path", "body", "answered"),
    [
        (CHAT, said("hi there"), '"content":"You said: hi there"'),
        (CHAT, said("hi there", stream=True), '"content":"You said: hi there"'),
        ("/v1/responses", {"model": "argo:gpt-4o", "input": "hi there"}, "You said: hi there"),
        (
            "/v1/responses",
            {"model": "argo:gpt-4o", "input": "hi there", "stream": True},
            '"delta":"You said: hi there"',
        ),
        ("/v1/completions", {"model": "argo:gpt-4o", "prompt": "hi there"}, '"text":"You said: hi there"'),
        ("/v1/completions", {"model": "argo:gpt-4o", "prompt": "hi there", "stream": True}, "You said: hi there"),
        ("/v1/embeddings", {"model": "v3small", "input": "hi there"}, " characters>"),
        ("/v1/embeddings", {"model": "v3small", "input": "hi there", "encoding_format": "base64"}, " characters>"),
        ("/v1/chat", said("hi there"), "You said: hi there"),
        ("/v1/chat", said("hi there", stream=True), "You said: hi there"),
        ("/v1/embed", {"model": "v3small", "prompt": ["hi there"]}, "embedding"),
        (CHAT, said("hi there", model="none-such"), "model_not_found"),
        (CHAT, {"messages": "hi there"}, "invalid_request_error"),
    ],
)
def test_what_is_asked_and_answered_is_told_of_every_endpoint(
    telling: Proxy, path: str, body: dict[str, Any], answered: str
) -> None:
    line = line_of(telling, telling.ask("POST", path, body, **AS_KEY))
    assert json.loads(line["request"]) == body
    assert answered in line["answer"]


def test_an_image_is_told_by_its_length_and_no_key_at_all(telling: Proxy) -> None:
    url = "data:image/png;base64,iVBORw0KGgo" + "A" * 300_001
    text = {"type": "text", "text": f"my key is {KEY}, also sk-0123456789abcdef"}
    parts = [text, {"type": "image_url", "image_url": {"url": url}}]
    body = {**said("x"), "messages": [{"role": "user", "content": parts}], "api_key": "hidden-1"}
    line = line_of(telling, telling.ask("POST", CHAT, body, **AS_KEY))
    assert '"data:image/png;base64,<300,012 characters>"' in line["request"]
    assert "my key is <hidden>, also <hidden>" in line["request"]
    assert "hidden-1" not in line["request"]
    assert KEY not in telling.log.text


def test_a_compressed_body_is_told_as_it_was(telling: Proxy) -> None:
    body = gzip.compress(json.dumps(said("in short")).encode())
    line = line_of(telling, telling.ask("POST", CHAT, body, content_encoding="gzip", **AS_KEY))
    assert json.loads(line["request"]) == said("in short")


def test_what_was_sent_before_a_client_left_or_the_gateway_broke_off_is_told(telling: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces": ["first ", "second"], "piece_delay_s": 5})
    data = json.dumps(said("hi", stream=True)).encode()
    head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: {len(data)}\r\n\r\n"
    with telling.connect() as opened:
        opened.sendall(head.encode() + data)
        read_until(opened, b"first")
    line = json.loads(telling.log.wait_for('"status":499')[1])
    assert '"content":"first "' in line["answer"]
    gateway.script({"pieces": ["some", "more"], "drop": "mid_body"})
    line = line_of(telling, telling.ask("POST", CHAT, said("hi", stream=True), **AS_KEY))
    assert '"error":{' in line["answer"]


def test_who_shows_no_key_has_no_body_in_the_log(telling: Proxy) -> None:
    line = line_of(telling, telling.ask("POST", CHAT, said("spam")))
    assert (line["status"], line["request"]) == (401, None)


def test_other_endpoints_are_told_in_one_line(telling: Proxy) -> None:
    assert "answer" not in line_of(telling, telling.ask("GET", "/health"))


@pytest.mark.skipif(os.name != "posix", reason="SIGHUP")
def test_it_can_be_switched_on_and_off_while_it_serves(gateway_url: str, tmp_path: Path) -> None:
    def switch(*, on: bool) -> None:
        (tmp_path / "config.yaml").write_text(json.dumps(settings_for(gateway_url, log_bodies=on)))
        proxy.process.send_signal(signal.SIGHUP)

    with proxying(tmp_path, gateway_url) as proxy:
        proxy.ask("POST", CHAT, said("before"))
        switch(on=True)
        proxy.log.wait_for("the configuration has changed")
        assert WARNING in proxy.log.text
        proxy.ask("POST", CHAT, said("line one\nline two"))
        proxy.log.wait_for('^    > line two"}]}')
        proxy.log.wait_for('^    < {"id":"chatcmpl-.*You said: line one$')
        switch(on=False)
        proxy.log.wait_for("the configuration has changed", times=2)
        proxy.ask("POST", CHAT, said("after"))
        proxy.log.wait_for(" 200 ", times=3)
        assert "before" not in proxy.log.text
        assert "after" not in proxy.log.text.replace("answers under way keep", "")
