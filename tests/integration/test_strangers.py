"""What must not leave the proxy: keys and prompts into logs and errors, what clients send along to the gateway."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import IncompleteRead
from pathlib import Path
from typing import Any

import pytest

from tests.integration.proxying import CHAT, DEADLINE_S, Proxy, launch, proxying, read_until, said, settings_for
from tests.simulator.running import Answer, Gateway

KEY, WRONG_KEY, PROMPT = "canary-key-of-the-proxy", "canary-wrong-key", "canary-prompt"
AS_KEY = {"authorization": f"Bearer {KEY}"}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "required": ["a"]}}}


def asked(text: str) -> dict[str, dict[str, Any]]:
    """A request for each endpoint. What ARGO has refused once is not asked again, so that texts should differ."""
    return {
        CHAT: said(text),
        "/v1/responses": {"model": "argo:gpt-4o", "input": text},
        "/v1/completions": {"model": "argo:gpt-4o", "prompt": text},
        "/v1/embeddings": {"model": "v3small", "input": text},
        "/v1/chat": said(text),
        "/v1/embed": {"model": "v3small", "prompt": [text]},
    }


FAULTS: list[dict[str, Any]] = [
    {"status": 500, "body": f"Traceback (most recent call last): {PROMPT}"},
    {"status": 400, "body": json.dumps({"error": {"message": f"no: {PROMPT}"}})},
    {"status": 429, "body": PROMPT, "headers": {"Retry-After": "1"}},
    {"html": True},
    {"bad_json": True},
    {"truncated_json": True},
    {"empty": True},
    {"drop": "before_headers"},
    {"drop": "mid_body"},
    {"huge_header": 100_000},
]


def with_parts(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"model": "argo:gpt-4o", "messages": [{"role": "user", "content": list(parts)}]}


REFUSED: list[tuple[str, str, object]] = [
    ("POST", CHAT, f'{{"messages": "{PROMPT}'.encode()),
    ("POST", CHAT, f'["{PROMPT}"]'.encode()),
    ("POST", CHAT, b'{"messages": [{"role": "user", "content": "' + PROMPT.encode() + b'\xff"}]}'),
    ("POST", CHAT, {"messages": PROMPT}),
    ("POST", CHAT, {"messages": [{"role": PROMPT, "content": PROMPT}]}),
    ("POST", CHAT, said(PROMPT, model="none-such")),
    ("POST", CHAT, said(PROMPT, temperature=PROMPT)),
    ("POST", CHAT, with_parts({"type": "image_url", "image_url": {"url": f"http://127.0.0.1:9/{PROMPT}"}})),
    ("POST", CHAT, with_parts({"type": "image_url", "image_url": {"url": f"data:{PROMPT}"}})),
    ("POST", CHAT, with_parts({"type": PROMPT, "text": PROMPT})),
    ("POST", CHAT, said(PROMPT * 100_000)),
    ("POST", CHAT, said(PROMPT, response_format=SCHEMA)),
    ("POST", CHAT, said(PROMPT, tools=[{"type": "function", "function": {"name": PROMPT, "parameters": 3}}])),
    ("POST", "/v1/responses", {"input": PROMPT, "previous_response_id": PROMPT}),
    ("POST", "/v1/responses/compact", {"input": PROMPT}),
    ("POST", "/v1/responses/input_tokens", {"input": PROMPT}),
    ("POST", "/v1/responses", {"model": "argo:gpt-4o", "input": PROMPT, "background": True}),
    ("POST", "/v1/embeddings", {"input": {"x": PROMPT}}),
    ("POST", "/v1/none-such", {"input": PROMPT}),
    ("PUT", CHAT, {"input": PROMPT}),
    ("GET", f"/v1/models?key={PROMPT}", None),
    ("GET", f"/v1/responses/resp_1?key={PROMPT}", None),
]


def no_secret(answer: Answer) -> None:
    told = str(answer.headers) + answer.body.decode("utf-8", "replace")
    assert KEY not in told
    assert WRONG_KEY not in told
    assert 'File "' not in told


def everything(proxy: Proxy, gateway: Gateway) -> None:
    """Every endpoint, whole and streamed, with every fault of the gateway and every mistake of a client."""
    for number, fault in enumerate((None, *FAULTS)):
        for path, body in asked(f"{PROMPT} {number}").items():
            for more in ({}, {"stream": True}):
                if fault is not None:
                    gateway.script(fault)
                with suppress(IncompleteRead):  # of a stream that was passed on until it broke off
                    no_secret(proxy.ask("POST", path, body | more, **AS_KEY))
            gateway.ask("POST", "/_simulator/reset")
    leave_early(proxy, gateway)
    for method, path, body in REFUSED:
        no_secret(proxy.ask(method, path, body, **AS_KEY))
    no_secret(proxy.ask("POST", CHAT, said(PROMPT), authorization=f"Bearer {WRONG_KEY}"))
    no_secret(proxy.ask("POST", CHAT, said(PROMPT), x_api_key=WRONG_KEY))
    no_secret(proxy.ask("POST", CHAT, said(PROMPT), origin=f"http://{PROMPT}", **AS_KEY))
    no_secret(proxy.ask("POST", CHAT, gzip.compress(PROMPT.encode())[:-4], content_encoding="gzip", **AS_KEY))
    no_secret(proxy.ask("POST", CHAT, said(PROMPT), content_encoding=PROMPT, **AS_KEY))
    for garbage in (
        f"{PROMPT}\r\n\r\n",
        f"GET / HTTP/1.1\r\n{PROMPT}\r\n\r\n",
        f"GET /{'x' * 70_000}{PROMPT} HTTP/1.1",
    ):
        with proxy.connect() as opened:
            opened.sendall(garbage.encode())
            read_until(opened, b"HTTP/1.1 4")


def leave_early(proxy: Proxy, gateway: Gateway) -> None:
    gateway.script({"pieces": [f"{PROMPT} in pieces", PROMPT], "piece_delay_s": 5})
    data = json.dumps(said(f"{PROMPT} for long", stream=True)).encode()
    head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: {len(data)}\r\n\r\n"
    with proxy.connect() as opened:
        opened.sendall(head.encode() + data)
        read_until(opened, b"in pieces")


@contextmanager
def serving(folder: Path, settings: dict[str, object], flag: str) -> Iterator[Proxy]:
    """A proxy whose log may say nothing of its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    proxy = launch(folder, {**settings, "port": port}, flag)
    proxy.port = port
    try:
        wait_until_served(proxy)
        yield proxy
    finally:
        proxy.process.terminate()
        proxy.wait()
        proxy.log.close()


def wait_until_served(proxy: Proxy) -> None:
    limit_s = time.monotonic() + DEADLINE_S
    while True:
        try:
            return proxy.connect().close()
        except OSError:
            assert time.monotonic() < limit_s
            time.sleep(0.02)


@pytest.mark.parametrize(("flag", "log_format"), [("-v", "human"), ("-v", "json"), ("-q", "json")])
def test_no_key_prompt_or_stack_trace_is_in_the_log_or_an_error(
    gateway_url: str, gateway: Gateway, tmp_path: Path, flag: str, log_format: str
) -> None:
    settings = settings_for(
        gateway_url, api_keys={"alice": KEY}, log_format=log_format, max_body_mb=1, drain_s=1, retries=0
    )
    with serving(tmp_path, settings, flag) as proxy:
        everything(proxy, gateway)
        change_badly(proxy, tmp_path, settings)
    log = proxy.log.text
    assert "502" in log
    assert "canary" not in log
    assert not re.search(r"Traceback|File \"|internal error", log)


def change_badly(proxy: Proxy, folder: Path, settings: dict[str, object]) -> None:
    """A configuration with a mistake in it, right beside a key."""
    if os.name != "posix":
        return
    for text in (
        json.dumps(settings | {"host": "no host"}),
        json.dumps(settings | {"api_keys": [KEY, 5, f"sha256:{KEY}"]}),
        f"api_keys: [{KEY}\nuser: {KEY} {KEY}: [",
    ):
        (folder / "config.yaml").write_text(text)
        before = proxy.log.text.count("the configuration is not changed")
        proxy.process.send_signal(signal.SIGHUP)
        proxy.log.wait_for("the configuration is not changed", times=before + 1)


HEADERS = {
    "authorization": "Bearer canary-1",
    "x_api_key": "canary-2",
    "cookie": "a=canary-3",
    "x_forwarded_for": "canary-4",
    "user_agent": "canary-5",
    "openai_organization": "canary-6",
    "x_stainless_lang": "canary-7",
    "accept_language": "canary-8",
    "x_request_id": "canary-9",
    "anthropic_beta": "canary-10",
    "referer": "http://canary-11/",
    "traceparent": "canary-12",
    "te": "canary-13",
}
"""Beside `host`, which no client of ours may choose for the gateway either."""


@pytest.mark.parametrize("more", [{}, {"stream": True}], ids=["whole", "streamed"])
@pytest.mark.parametrize("path", asked(PROMPT))
def test_no_header_or_query_of_a_client_reaches_the_gateway(
    proxy: Proxy, gateway: Gateway, path: str, more: dict[str, Any]
) -> None:
    body = {**asked(PROMPT)[path], **more, "user": "canary-user"}
    for one in (f"{path}?api_key=canary-query", f"{path}/?a=canary-query"):
        proxy.ask("POST", one, body, **HEADERS, host="canary-host")
    records = [record for record in gateway.received() if record["method"] == "POST"]
    assert len(records) == 2
    assert "canary" not in str(records).replace(PROMPT, "")
    assert {record["body"]["user"] for record in records} == {"jdoe"}
    assert {name for record in records for name in record["headers"]} == {
        "host", "user-agent", "accept", "accept-encoding", "content-type", "content-length",
    }  # fmt: skip


def test_what_reads_the_gateway_sends_nothing_of_the_client_along(proxy: Proxy, gateway: Gateway) -> None:
    for method, path in (("POST", "/refresh"), ("GET", "/health/ready"), ("GET", "/v1/models"), ("GET", "/version")):
        assert proxy.ask(method, f"{path}?a=canary-query", **HEADERS).status == 200, path
    assert [record["method"] for record in gateway.received()] == ["GET"]
    assert "canary" not in str(gateway.received())


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


SYSTEM_PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin")
"""One that others may run, too."""
CONNECT = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be somebody else")
@pytest.mark.skipif(SYSTEM_PYTHON is None, reason="a Python of the system")
def test_a_neighbour_cannot_connect_to_the_unix_socket(gateway_url: str, open_folder: Path) -> None:
    path = open_folder / "private" / "s"
    with proxying(open_folder, gateway_url, socket=str(path)):
        mine, theirs = connected(path), connected(path, user=65534, group=65534, extra_groups=[])
    assert (mine.returncode, mine.stderr) == (0, "")
    assert "PermissionError" in theirs.stderr


def connected(path: Path, **whom: Any) -> subprocess.CompletedProcess[str]:
    argv = [str(SYSTEM_PYTHON), "-S", "-c", CONNECT, str(path)]
    return subprocess.run(argv, capture_output=True, text=True, check=False, **whom)
