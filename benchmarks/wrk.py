"""Whole answers under load, by wrk (github.com/wg/wrk): it counts statuses, and their mean length tells the rest."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

from msgspec import Struct

from benchmarks.questions import Question

TIMEOUT_S = 10
SLACK = 0.01
"""By which the lengths of right answers differ: digits in heads and ids."""
MARK = "MEASURED "
SCRIPT = """\
wrk.method, wrk.path, wrk.body = "POST", "%(path)s", [==[%(body)s]==]
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer sk-test"
done = function(summary, latency)
  local e = summary.errors
  local wrong = e.status + e.connect + e.read + e.write + e.timeout
  io.write(string.format('%(mark)s{"requests":%%d,"bytes":%%d,"wrong":%%d,"p50_us":%%.1f,"p99_us":%%.1f}\\n',
    summary.requests, summary.bytes, wrong, latency:percentile(50), latency:percentile(99)))
end
"""


class Load(Struct, frozen=True):
    requests: int
    bytes: int
    wrong: int
    p50_us: float
    p99_us: float


def load(port: int, question: Question, connections: int, seconds: int, folder: Path) -> Load:
    """Ask the same on so many connections, as fast as it is answered. The first answer is read, and must be right."""
    length = length_of_right_answer(port, question)
    script = folder / "wrk.lua"
    script.write_text(SCRIPT % {"path": question.path, "body": question.body.decode(), "mark": MARK})
    url = f"http://127.0.0.1:{port}"
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={TIMEOUT_S}s", f"-s{script}"]
    told = subprocess.run(["wrk", *options, url], capture_output=True, text=True, check=True).stdout
    return judged(read(told), length)


def read(told: str) -> Load:
    """What it says at its end."""
    line = next(line for line in told.splitlines() if line.startswith(MARK))
    return Load(**json.loads(line.removeprefix(MARK)))


def judged(load: Load, length: int) -> Load:
    """If answers are shorter or longer than the right one, none of them counts as right."""
    mean = load.bytes / max(load.requests, 1)
    fits = abs(mean - length) <= SLACK * length
    return load if fits else Load(load.requests, load.bytes, load.requests, load.p50_us, load.p99_us)


def length_of_right_answer(port: int, question: Question) -> int:
    """With its head. Anything but the right answer ends everything."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as opened:
        opened.sendall(question.request)
        while len(answer) < length_told(answer):
            answer += opened.recv(1 << 20)
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 ") or not question.accepts(body):
        raise SystemExit(f"a wrong answer at {question.path}: {answer[:500]!r}")
    return len(answer)


def length_told(answer: bytes) -> int:
    """Of the answer that begins so; one more than there is as long as its head is not whole."""
    head, end, _ = answer.partition(b"\r\n\r\n")
    if not end:
        return len(answer) + 1
    return len(head) + len(end) + int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])
