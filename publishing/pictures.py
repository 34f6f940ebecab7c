"""The pictures of the terminal in docs/pictures, from real runs: `python -m publishing.pictures` makes them anew.

ARGO is played by the simulator, under ARGO's own names and with a certificate. What differs from run to run (the home,
ports, times) is put into the words of one who sits at an ordinary machine.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import trustme
from rich.text import Text

from publishing.terminal import Answer, drawn, shown

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
HOSTS = ("apps-dev.inside.anl.gov", "apps.inside.anl.gov")
NOWHERE = "127.0.0.1:9"
CTRL_C = "\x03"
PORT = "24822"
CONFIG = "user: jdoe\nhost: 127.0.0.1\n"


class Scene(NamedTuple):
    """What is typed after `argo-proxy`, and what is answered. `lines`: so many are shown, if not all.

    `configured`: there is a configuration file; `reached`: ARGO is there.
    """

    words: tuple[str, ...]
    answers: tuple[Answer, ...] = ()
    columns: int = 112
    lines: int | None = None
    configured: bool = False
    reached: bool = True


SCENES: Mapping[str, Scene] = {
    "first-start": Scene(
        (),
        (
            Answer("config.sample.yaml? [Y/n] ", ""),
            Answer("[Y/n/<port>] ", ""),
            Answer("Enter your username: ", "jdoe"),
            Answer("Enable verbose mode? [Y/n] ", ""),
            Answer("Ctrl-C stops", CTRL_C, key=True),
        ),
        columns=128,
    ),
    "demo": Scene(("demo",), columns=84),
    "models": Scene(("models",), columns=100, lines=24),
    "doctor": Scene(("doctor",), configured=True),
    "doctor-tunnel": Scene(("doctor",), configured=True, reached=False),
}
SAME: Sequence[tuple[str, str]] = (
    (r"\b\d\d:\d\d:\d\d\b", "09:30:00"),
    (r"\b\d+ ms\b", "12 ms"),
    (r"(?<=Use port \[)\d+", PORT),
    (r"(?<=port: )\d{4,5}", PORT),
    (r"(?<=at 127\.0\.0\.1:)\d+", "8443"),
    (r"(?<=ARGO  http://127\.0\.0\.1:)\d+", "41000"),
    (r"(?<=http://127\.0\.0\.1:)(?!8080\b|41000\b)\d+", PORT),
    (r"within \d s", "within 1 s"),
    (r"\d\.\d+\.\d+, \S+/python\S*", "3.12.8, /home/jdoe/.venv/bin/python"),
    (r"\^C$", ""),
)
"""What is different each time, and what stands in its place."""


def told(scene: Scene) -> list[Text]:
    """The lines of a scene, with the command that leads to them."""
    with TemporaryDirectory(dir="/tmp") as home, gateway(Path(home)) as port:
        if scene.configured:
            configure(Path(home))
        environ = environment(home, f"127.0.0.1:{port}" if scene.reached else NOWHERE)
        lines = shown([sys.executable, "-m", "argo_proxy", *scene.words], scene.answers, environ, scene.columns)
    same = [unchanging(line, home) for line in lines]
    cut = same if scene.lines is None else [*same[: scene.lines], Text("...")]
    return [Text(" ".join(["$ argo-proxy", *scene.words])), *cut]


def configure(home: Path) -> None:
    file = home / ".config" / "argoproxy" / "config.yaml"
    file.parent.mkdir(parents=True)
    file.touch(0o600)
    file.write_text(CONFIG, encoding="utf-8")


def environment(home: str, address: str) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": home,
        "TERM": "xterm",
        "LANG": "C.UTF-8",
        "ARGO_PROXY_CA_FILE": f"{home}/ca.pem",
        "ARGO_PROXY_RESOLVE_OVERRIDES": ",".join(f"{host}={address}" for host in HOSTS),
        "ARGO_PROXY_UPDATE_URL": f"https://{HOSTS[0]}/",
    }


@contextmanager
def gateway(home: Path) -> Generator[str, None, None]:
    """The port of a simulator with a certificate for ARGO's hosts, which `ca.pem` vouches for."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(home / "ca.pem")
    certificate = authority.issue_cert(*HOSTS)
    certificate.private_key_and_cert_chain_pem.write_to_path(home / "host.pem")
    words = ["--certfile", str(home / "host.pem"), "--keyfile", str(home / "host.pem")]
    command = [sys.executable, "-m", "argo_proxy.simulator", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip().rpartition(":")[2]
        process.send_signal(signal.SIGTERM)


def unchanging(line: Text, home: str) -> Text:
    """The line with everything in it that another run would say otherwise; colours stay where nothing changes."""
    plain = line.plain.replace(home, "/home/jdoe")
    for pattern, same in SAME:
        plain = re.sub(pattern, same, plain)
    if plain == line.plain:
        return line
    kept = [span for span in line.spans if line.plain[: span.end] == plain[: span.end]]
    return Text(plain, spans=kept)


def pictures() -> Iterator[tuple[str, str]]:
    """The name and the SVG of each."""
    return ((name, drawn(told(scene), scene.columns, name)) for name, scene in SCENES.items())


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, picture in pictures():
        (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
