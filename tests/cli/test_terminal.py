"""Whatever becomes of the standard streams: full, closed, or of another encoding."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="redirects by way of the shell")

OFFLINE = {
    "ARGO_PROXY_ARGO_BASE_URL": "http://127.0.0.1:9",
    "ARGO_PROXY_UPDATE_URL": "http://127.0.0.1:9/",
    "ARGO_PROXY_SKIP_URL_VALIDATION": "1",
}
full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a disk that is full")


def run(folder: Path, words: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """A shell command in which `argo-proxy` is the program."""
    return subprocess.run(
        ["/bin/sh", "-c", words.replace("argo-proxy", f"exec '{sys.executable}' -m argo_proxy")],
        cwd=folder,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder), **OFFLINE, **environ},
        capture_output=True,
        timeout=60,
        check=False,
    )


@full
@pytest.mark.parametrize(
    ("words", "unbuffered"),
    [
        ("--help", ""),
        ("models --help", "1"),
        ("completion bash", "1"),
        ("-u jdoe -H ::1 --show --validate", ""),
        ("doctor", ""),
    ],
)
def test_a_result_that_cannot_be_written_is_told(tmp_path: Path, words: str, unbuffered: str) -> None:
    done = run(tmp_path, f"argo-proxy {words} > /dev/full", PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 1
    assert done.stderr == b"error: standard output cannot be written: No space left on device\n"


@full
def test_a_complaint_that_cannot_be_heard_changes_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "argo-proxy -u jdoe --validate 2> /dev/full")
    assert (done.returncode, done.stdout) == (0, b"configuration without a file is valid\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [("models", 0), ("doctor -u jdoe", 1), ("-vv --show -u jdoe", 0), ("", 2)],
)
def test_closed_streams_are_no_failure(tmp_path: Path, words: str, expected: int) -> None:
    assert run(tmp_path, f"argo-proxy {words} <&- >&- 2>&-").returncode == expected


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_text_that_the_terminal_lacks_is_shown_in_ascii(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "\u03bb.yaml").write_text("user: jdoe\n")
    done = run(tmp_path, "argo-proxy \u03bb.yaml --validate", PYTHONIOENCODING=encoding, ARGO_PROXY_HOST="127.0.0.1")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"\\u03bb.yaml is valid\n", b"")
