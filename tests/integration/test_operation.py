"""Starting, stopping, and what the operator reads."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.proxying import (
    CHAT,
    DEADLINE_S,
    Proxy,
    chats,
    dechunked,
    frames,
    free_port,
    launch,
    proxying,
    read_until,
    said,
    settings_for,
    text_of,
    wait_for,
    wait_until_late,
)
from tests.simulator.running import Gateway, everything_from

on_posix = pytest.mark.skipif(os.name != "posix", reason="signals")
PROMPT, KEY = "prompt-CANARY-1", "key-CANARY-2"


@pytest.fixture
def own(gateway_url: str, tmp_path: Path) -> Iterator[Proxy]:
    """A proxy that may be stopped."""
    with proxying(tmp_path, gateway_url) as running:
        yield running


@on_posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_streams_finish_and_ends_well(own: Proxy, gateway: Gateway, number: signal.Signals) -> None:
    pieces = [f"{at} " for at in range(12)]
    assert own.ask("POST", CHAT, said("warm up")).status == 200
    gateway.script({"pieces": pieces, "piece_delay_s": 0.05})
    with own.raw(said("hi", stream=True)) as opened:
        data = read_until(opened, b'"content":"0 ')
        own.process.send_signal(number)
        wait_until_late(own)
        data += b"".join(iter(lambda: opened.recv(65_536), b""))
    assert text_of(frames(dechunked(data))) == "".join(pieces)
    assert data.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")
    assert own.wait() == 0
    assert "Traceback" not in own.log.close()
    assert "  200 " in own.log.text


@on_posix
def test_a_signal_with_nothing_to_do_ends_at_once(own: Proxy) -> None:
    assert own.ask("POST", CHAT, said("hi")).status == 200
    started_s = time.monotonic()
    own.process.terminate()
    assert own.wait() == 0
    assert time.monotonic() - started_s < 3
    assert "Traceback" not in own.log.close()
    assert "POST  /v1/chat/completions  200 " in own.log.text, "the last lines of the log are there"


@on_posix
def test_a_kept_connection_does_not_hold_up_the_end(own: Proxy) -> None:
    with own.raw(said("hi")) as opened:
        read_until(opened, b"You said: hi")
        own.process.terminate()
        assert own.wait() == 0


@on_posix
def test_a_second_signal_ends_it_now(own: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces": ["one", "two"], "stall": "mid_body"})
    with own.raw(said("hi", stream=True)) as opened:
        read_until(opened, b'"one"')
        own.process.terminate()
        wait_until_late(own)
        assert own.process.poll() is None
        started_s = time.monotonic()
        own.process.terminate()
        assert own.wait() == 0
        assert time.monotonic() - started_s < 3
        assert b"[DONE]" not in b"".join(iter(lambda: opened.recv(65_536), b""))
    gateway.wait_for_outcome("client_left")
    assert "Traceback" not in own.log.close()


@on_posix
def test_the_end_waits_no_longer_than_it_is_told(gateway: Gateway, gateway_url: str, tmp_path: Path) -> None:
    with proxying(tmp_path, gateway_url, drain_s=0.3) as proxy:
        gateway.script({"pieces": ["one", "two"], "stall": "mid_body"})
        opened = proxy.raw(said("hi", stream=True))
        read_until(opened, b'"one"')
        started_s = time.monotonic()
        proxy.process.terminate()
        assert proxy.wait() == 0
        assert 0.25 < time.monotonic() - started_s < 5
        assert b"[DONE]" not in everything_from(opened)
        assert "Traceback" not in proxy.log.close()


@on_posix
def test_a_signal_during_the_start_ends_it_too(gateway: Gateway, gateway_url: str, tmp_path: Path) -> None:
    gateway.script({"match": "/models", "stall": "before_headers"})
    proxy = launch(tmp_path, settings_for(gateway_url))
    wait_for(gateway, bool)
    proxy.process.terminate()
    assert proxy.wait() == 0
    assert "Traceback" not in proxy.log.close()


def test_a_busy_port_is_told_with_its_cure_and_exit_code_1(gateway_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        proxy = launch(tmp_path, settings_for(gateway_url, port=port))
        assert proxy.wait() == 1
    told = proxy.log.close()
    assert f"cannot listen on 127.0.0.1:{port}: another program has this port; choose another with --port" in told
    assert len(told.splitlines()) == 1


def test_an_address_of_another_machine_is_told_with_its_cure_and_exit_code_1(gateway_url: str, tmp_path: Path) -> None:
    proxy = launch(tmp_path, settings_for(gateway_url, host="192.0.2.1"))
    assert proxy.wait() == 1
    assert "this machine has no such address; --host 127.0.0.1 always works" in proxy.log.close()


def test_the_start_says_what_is_served_where_and_as_whom(own: Proxy) -> None:
    address = re.escape(f"http://127.0.0.1:{own.port}/v1")
    own.log.wait_for(rf"argo-proxy [\d.]+ serves {address} as user jdoe")
    own.log.wait_for(r"\d+ models listed by ARGO; Ctrl-C stops")


def exercise(proxy: Proxy, gateway: Gateway) -> int:
    """Requests of every outcome, with what must never be logged in all of them. How many there were."""
    secret = {"authorization": f"Bearer {KEY}"}
    acts: list[dict[str, object]] = [
        {}, {"status": 500, "body": json.dumps({"detail": f"failed on {PROMPT}"})}, {"truncated_json": True},
        {"body": PROMPT}, {"drop": "mid_body"}, {"status": 400, "body": f"{PROMPT} is not allowed"},
        {"body": json.dumps({"response": 7, "message": PROMPT})},
    ]  # fmt: skip
    bodies: list[object] = [
        said(PROMPT, messages=[{"role": PROMPT, "content": PROMPT}]),
        said(PROMPT, messages=[{"role": "user", "content": [{"type": PROMPT}]}]),
        said(PROMPT, stop=PROMPT, temperature=PROMPT),
        said(PROMPT, stream=PROMPT),
        said("", messages=[{"role": "user", "content": [image(f"http://127.0.0.1:9/{PROMPT}")]}]),
        said("", messages=[{"role": "user", "content": [image(f"data:image/png;base64,{PROMPT}")]}]),
        said(PROMPT, tools=[{PROMPT: PROMPT}]),
        said(PROMPT, response_format={"type": PROMPT}),
        f'{{"{PROMPT}": '.encode(),
    ]
    for stream in (False, True):
        for act in acts:
            gateway.script(act)
            proxy.ask("POST", CHAT, said(PROMPT, stream=stream), **secret)
    for body in bodies:
        assert proxy.ask("POST", CHAT, body, **secret).status == 400
    proxy.ask("GET", "/health", **secret)
    return 2 * len(acts) + len(bodies) + 1


def image(url: str) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": url}}


def test_there_is_one_line_for_each_request_and_no_word_of_prompt_answer_or_key(own: Proxy, gateway: Gateway) -> None:
    count = exercise(own, gateway)
    own.process.terminate()
    assert own.wait() == 0
    lines = [line for line in own.log.close().splitlines() if "req_" in line]
    assert len(lines) == count
    assert len({re.findall("req_[0-9a-f]+", line)[0] for line in lines}) == count
    assert "CANARY" not in own.log.text


def test_a_line_tells_model_status_times_and_tokens(own: Proxy) -> None:
    answer = own.ask("POST", CHAT, said("hi", "argo:claude-sonnet-4", stream=True))
    line = own.log.wait_for(answer.headers["x-request-id"])[1]
    assert re.search(
        r"^\d\d:\d\d:\d\d +req_\w+ +POST +/v1/chat/completions +200 +argo:claude-sonnet-4 \(anthropic, streamed\) +"
        r"\d+ ms, \d+\.\d own +\d+ \+ \d+ tokens$",
        line,
    )


def test_no_path_or_model_can_forge_a_line_or_fill_the_log(own: Proxy) -> None:
    forged = "x\n12:00:00 forged\x1b[31m"
    own.ask("POST", CHAT, said("hi", forged))
    own.ask("POST", CHAT, said("hi", "y" * 100_000))
    own.ask("GET", "/%0A12:00:00%20forged%1B[31m" + "z" * 10_000)
    own.log.wait_for(" 404 ", times=3)
    lines = own.log.text.splitlines()
    assert not any(line.startswith("12:00:00 forged") for line in lines)
    assert "\x1b" not in own.log.text
    assert max(map(len, lines)) < 1500


def test_quiet_logs_no_request_that_went_well(gateway: Gateway, gateway_url: str, tmp_path: Path) -> None:
    proxy = launch(tmp_path, settings_for(gateway_url, port=(port := free_port())), "--quiet")
    proxy.port = port
    try:
        wait_until_served(proxy)
        for path in ("/health", "/nothing"):
            proxy.ask("GET", path)
        proxy.ask("POST", CHAT, said("hi"))
        gateway.script({"status": 500})
        failed = proxy.ask("POST", CHAT, said("hi"))
    finally:
        proxy.process.terminate()
        assert proxy.wait() == 0
        told = proxy.log.close()
    (line,) = told.splitlines()
    assert failed.headers["x-request-id"] in line


def wait_until_served(proxy: Proxy) -> None:
    limit_s = time.monotonic() + DEADLINE_S
    while True:
        assert proxy.process.poll() is None
        assert time.monotonic() < limit_s
        try:
            assert proxy.ask("GET", "/health").status == 200
        except OSError:
            continue
        return


def test_json_lines_are_json_with_the_same_facts(gateway: Gateway, gateway_url: str, tmp_path: Path) -> None:
    with proxying(tmp_path, gateway_url, log_format="json") as proxy:
        answer = proxy.ask("POST", CHAT, said("hi"))
        gateway.script({"status": 503})
        proxy.ask("POST", CHAT, said("hi", stream=True))
        proxy.ask("GET", "/%7f%0a%22%c3%a9")
        proxy.log.wait_for('"status": ?404')
        lines = [json.loads(line) for line in proxy.log.text.splitlines()]
    requests = [line for line in lines if "status" in line]
    assert [line["status"] for line in requests] == [200, 503, 404]
    assert all(abs(line["time"] - time.time()) < 60 and line["level"] for line in lines)
    first = requests[0]
    assert {key: first[key] for key in ("id", "method", "path", "model", "family", "streamed", "error")} == {
        "id": answer.headers["x-request-id"],
        "method": "POST",
        "path": CHAT,
        "model": "argo:gpt-4o",
        "family": "openai",
        "streamed": False,
        "error": None,
    }
    assert answer.json["usage"]["completion_tokens"] == first["output_tokens"]
    assert answer.json["usage"]["prompt_tokens"] == first["input_tokens"]
    assert first["ms"] >= first["own_ms"] > 0
    assert requests[1]["error"] == "service_unavailable"


@on_posix
def test_a_log_that_nobody_reads_any_more_does_not_stop_the_service(gateway_url: str, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    port = free_port()
    config.write_text(json.dumps(settings_for(gateway_url, port=port)))
    config.chmod(0o600)
    read_end, write_end = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "argo_proxy", str(config)],
        stderr=write_end,
        stdout=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(tmp_path)},
    )
    os.close(write_end)
    os.read(read_end, 1)
    os.close(read_end)
    try:
        limit_s = time.monotonic() + DEADLINE_S
        answers = 0
        while answers < 20:
            assert process.poll() is None
            assert time.monotonic() < limit_s
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as opened:
                    opened.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                    assert read_until(opened, b"healthy").startswith(b"HTTP/1.1 200")
                    answers += 1
            except OSError:
                continue
    finally:
        process.terminate()
        assert process.wait(DEADLINE_S) == 0


def test_the_stream_and_its_record_at_the_gateway_agree(proxy: Proxy, gateway: Gateway) -> None:
    body = proxy.ask("POST", CHAT, said("once", stream=True)).body
    assert text_of(frames(body)) == "You said: once"
    assert [record["outcome"] for record in chats(gateway.received())] == ["answered"]
