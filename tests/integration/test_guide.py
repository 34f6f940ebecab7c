"""What the users' guide shows runs as it is pasted, against the real proxy; `tests/docs` has what is only read."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.docs.answers import ASKED_FOR
from tests.docs.guide import ADDRESS, ELSEWHERE, ROOT, Block, blocks, titled
from tests.integration.proxying import CHAT, Proxy, frames, free_port, proxying, said, text_of
from tests.simulator.running import Gateway

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # of scripts, whenever it is noticed

OSLO = {"city": "Oslo"}
FORECAST = '{"city": "Oslo", "degrees": 3, "sunny": true}'
PLAYED: dict[str, list[dict[str, object]]] = {
    "class Forecast": [{"text": f"Here it is:\n```json\n{FORECAST}\n```"}],
    "def weather": [{"calls": [{"name": "weather", "arguments": OSLO}]}],
    "class Star": [{"calls": [{"name": "final_result", "arguments": {"name": "Proxima", "light_years": 4.2}}]}],
    "class Sample": [{"calls": [{"name": "Sample", "arguments": {"name": "niobium", "grams": 2.5}}]}],
}
"""What the simulated model does, where a block that has these words needs more than an echo."""


@pytest.fixture(scope="module")
def left_open() -> Iterator[None]:
    """A script leaves connections and its event loop to the end of its process; no other test is to miss them."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with suppress(RuntimeError):  # there is none
            asyncio.get_event_loop_policy().get_event_loop().close()
        asyncio.set_event_loop(None)
        gc.collect()


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is reported to anybody, no proxy is in the way, and few certificates are loaded."""
    monkeypatch.setenv("LANGSMITH_TRACING_V2", "false")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(ROOT / "tests" / "settings" / "ca.pem"))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def play(block: Block, gateway: Gateway) -> None:
    """Tell the simulated model its part."""
    for words, acts in PLAYED.items():
        if words in block.code:
            gateway.script(*acts)


def run_here(block: Block, port: int) -> None:
    """In this process, where the packages are loaded already."""
    exec(compile(block.at(port), str(block), "exec"), {"__name__": "__main__"})


@pytest.mark.usefixtures("left_open", "at_home")
@pytest.mark.parametrize(
    "block", [block for block in blocks("python", titled=False) if block.page not in ELSEWHERE], ids=str
)
def test_a_python_block_runs_as_it_is(
    block: Block, proxy: Proxy, gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ADDRESS in block.code, "it asks nobody"
    play(block, gateway)
    run_here(block, proxy.port)
    told, complaint = capsys.readouterr()
    assert told.strip()
    assert complaint == ""


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
@pytest.mark.parametrize("block", blocks("sh", titled=False), ids=str)
def test_a_shell_block_runs_as_it_is(block: Block, proxy: Proxy, tmp_path: Path) -> None:
    beside = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["sh", "-euc", block.at(proxy.port)],
        env={"PATH": f"{beside}:{os.environ.get('PATH', '')}", "HOME": str(tmp_path), "NO_PROXY": "127.0.0.1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no Unix sockets in asyncio")
@pytest.mark.usefixtures("left_open", "at_home")
def test_a_client_over_a_unix_socket(
    gateway_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a folder with a short name: the path of a socket must not be long."""
    with TemporaryDirectory() as home:
        monkeypatch.setenv("HOME", home)
        with proxying(Path(home), gateway_url, socket="~/.argoproxy/run/socket"):
            exec(compile(titled("over_a_socket.py").code, "over_a_socket.py", "exec"), {})
    assert capsys.readouterr().out.startswith("argo:")


@pytest.mark.skipif(not (shutil.which("nginx") and shutil.which("curl")), reason="nginx or curl is not here")
def test_a_stream_comes_through_nginx_as_it_is_set_up(proxy: Proxy, tmp_path: Path) -> None:
    port = free_port()
    server = titled("argo-proxy.conf").code.replace(ADDRESS, f"127.0.0.1:{proxy.port}").replace("8443", str(port))
    folders = "".join(f"{name}_temp_path {tmp_path};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = tmp_path / "nginx.conf"
    config.write_text(f"daemon off; pid {tmp_path}/pid; events {{}} http {{ access_log off; {folders} {server} }}")
    nginx = subprocess.Popen(["nginx", "-e", tmp_path / "log", "-p", tmp_path, "-c", config])
    try:
        answer = asked_when_up(port)
    finally:
        nginx.terminate()
        nginx.wait(10)
    assert answer.returncode == 0, answer.stderr
    assert text_of(frames(answer.stdout.encode())) == "You said: one two three"


def asked_when_up(port: int) -> subprocess.CompletedProcess[str]:
    """curl tries until nginx listens."""
    body = json.dumps(said("one two three", stream=True))
    trying = ["--retry", "50", "--retry-delay", "0", "--retry-connrefused", "--noproxy", "*"]
    command = ["curl", "-sS", *trying, "-d", body, f"http://127.0.0.1:{port}/v1/chat/completions"]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def shape(line: str) -> str:
    """Without what differs from request to request."""
    return re.sub(r"req_[0-9a-f]{24}|\d[\d.]*", "#", line)


def test_a_line_of_the_log_looks_as_it_is_shown(proxy: Proxy) -> None:
    assert proxy.ask("POST", CHAT, said("hello", stream=True)).status == 200
    written = proxy.log.wait_for(r"/v1/chat/completions +200 +argo:gpt-4o \(openai, streamed\)")[1]
    assert shape(written.strip()) == shape(titled("argo-proxy.log").code.strip())


@pytest.mark.parametrize("line", ASKED_FOR)
def test_an_answer_that_is_quoted_is_given(line: str, proxy: Proxy) -> None:
    path, body, headers = ASKED_FOR[line]
    assert proxy.ask("POST", path, body, **headers).json["error"]["message"] == line
