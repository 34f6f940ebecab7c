"""How long the program takes to begin, beside `python -c pass`: `python -m benchmarks.start`.

Wall-clock milliseconds, median and least of interleaved rounds. Serving is timed until it says where, and until it has
given its first answer; its gateway is a port at which nobody listens, so no network is in the figures.
"""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from statistics import median
from time import perf_counter

ROUNDS = 15
ADDRESS = re.compile(r"serves http://127\.0\.0\.1:(\d+)/v1 ")
ENVIRON = {
    "PATH": os.environ.get("PATH", ""),
    "ARGO_PROXY_USER": "jdoe",
    "ARGO_PROXY_HOST": "127.0.0.1",
    "ARGO_PROXY_PORT": "0",
    "ARGO_PROXY_ARGO_BASE_URL": "http://127.0.0.1:9",
    "ARGO_PROXY_UPDATE_URL": "http://127.0.0.1:9/",
    "ARGO_PROXY_SKIP_URL_VALIDATION": "1",
}


def ended(*words: str) -> float:
    """Seconds until Python has run this and ended."""
    started_s = perf_counter()
    subprocess.run([sys.executable, *words], env=ENVIRON, cwd=FOLDER, capture_output=True, check=True)
    return perf_counter() - started_s


def command(*words: str) -> Callable[[], float]:
    return lambda: ended("-m", "argo_proxy", *words)


def served(answered: bool) -> float:
    """Seconds until it says where it serves, or has answered there."""
    started_s = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "argo_proxy"], env=ENVIRON, cwd=FOLDER, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        port = next(found[1] for line in process.stderr if (found := ADDRESS.search(line)))
        if answered:
            ask(int(port))
        return perf_counter() - started_s
    finally:
        process.terminate()
        process.communicate()


def ask(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/v1/models")
    assert connection.getresponse().status == 200
    connection.close()


MEASURED: dict[str, Callable[[], float]] = {
    "python -c pass": lambda: ended("-c", "pass"),
    "argo-proxy --help": command("--help"),
    "argo-proxy models --help": command("models", "--help"),
    "argo-proxy completion bash": command("completion", "bash"),
    "argo-proxy --validate --show": command("--validate", "--show"),
    "argo-proxy, until it says where it serves": lambda: served(False),
    "argo-proxy, until its first answer": lambda: served(True),
}


def main() -> None:
    rounds = [{name: measure() for name, measure in MEASURED.items()} for _ in range(ROUNDS)]
    bare_s = median(one["python -c pass"] for one in rounds)
    sys.stdout.write(f"| what ({ROUNDS} rounds) | median, ms | least, ms | / python |\n|---|---|---|---|\n")
    for name in MEASURED:
        taken_s = [one[name] for one in rounds]
        middle_s = median(taken_s)
        sys.stdout.write(
            f"| `{name}` | {middle_s * 1000:.0f} | {min(taken_s) * 1000:.0f} | {middle_s / bare_s:.1f} |\n"
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = folder
        main()
