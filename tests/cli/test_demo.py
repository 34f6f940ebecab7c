"""The demo: the real programs, started as a user would, without any network or configuration."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import openai
import pytest

from argo_proxy.cli import demo


def run_demo(folder: Path, *flags: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *flags, "-m", "argo_proxy", "demo"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder), **environ},
        check=False,
    )


def test_it_shows_one_real_answer_and_what_to_do_next_whatever_is_configured(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("user: [broken\n")
    done = run_demo(
        tmp_path,
        ARGO_PROXY_PORT="abc",
        ARGO_PROXY_API_KEYS="secret",
        PORT="1",
        VERBOSE="no",
        http_proxy="http://127.0.0.1:9",
        OPENAI_API_KEY="secret",
        OPENAI_BASE_URL="http://127.0.0.1:9",
    )
    assert (done.returncode, done.stderr) == (0, "")
    for piece in (
        f"OpenAI SDK {openai.__version__}",
        "You said: Hello ARGO, can you hear me?",
        "tokens)",
        'client = OpenAI(base_url="http://127.0.0.1:8080/v1", api_key="any")',
        "export OPENAI_BASE_URL=",
        "argo-proxy launch codex --port 8080",
    ):
        assert piece in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "secret" not in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"], "it leaves nothing behind"


def test_it_works_without_the_sdk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(demo.importlib.util, "find_spec", lambda _: None)
    assert demo.run() == 0
    told = capsys.readouterr().out
    assert "Python's urllib" in told
    assert "You said: Hello ARGO" in told


def test_a_part_that_does_not_start_is_told_with_its_own_words() -> None:
    with (
        pytest.raises(demo.DemoError, match=r"the part did not start: .*No module named"),
        demo._started("part", ["argo_proxy.no_such_part"]),
    ):
        pass


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ended_from_outside_it_leaves_nothing_running() -> None:
    program = (
        "import sys; from argo_proxy.cli import demo\n"
        "demo._ask_with_sdk = lambda proxy: (print(proxy, flush=True), sys.stdin.read())\n"
        "sys.exit(demo.run())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        process.terminate()
        assert process.wait(10) == 143
    with socket.socket() as opened:
        assert opened.connect_ex(("127.0.0.1", port)) != 0
