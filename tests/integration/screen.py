"""The program on a terminal of its own, as somebody would use it: what is asked, what is typed, what is shown."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.integration.proxying import settings_for

pexpect = pytest.importorskip("pexpect", reason="pseudo-terminals, which Windows has not")

DEADLINE_S = 15
CREATE = "Would you like to create it from config.sample.yaml? [Y/n] "
USER = "Enter your username: "
VERBOSE = "Enable verbose mode? [Y/n] "
CONTINUE = "Continue despite connectivity issue? [Y/n] "
PORT = re.compile(r"Use port \[(\d+)\]\? \[Y/n/<port>\] ")
CTRL_C, CTRL_D = "\x03", "\x04"


def _heed_signals() -> None:
    """As on every terminal, also where these tests run in the background or under nohup."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Screen:
    """A terminal with argo-proxy running on it."""

    def __init__(self, home: Path, program: str, argv: list[str], environ: dict[str, str]) -> None:
        whole_environ = {"PATH": os.environ.get("PATH", ""), "HOME": str(home), "TERM": "xterm", **environ}
        with warnings.catch_warnings():  # of the threads of other tests: what is forked here is replaced at once
            warnings.filterwarnings("ignore", ".* is multi-threaded", DeprecationWarning)
            self._child = pexpect.spawn(
                program,
                argv,
                env=whole_environ,
                cwd=str(home),
                encoding="utf-8",
                timeout=DEADLINE_S,
                dimensions=(40, 160),
                preexec_fn=_heed_signals,
            )
        self._child.delaybeforesend = None

    def sees(self, wanted: str) -> str:
        """Wait for this text; what came before it."""
        self._child.expect_exact(wanted)
        return self._child.before

    def is_offered_port(self) -> int:
        self._child.expect(PORT)
        return int(self._child.match[1])

    def types(self, line: str) -> None:
        self._child.sendline(line)

    def presses(self, key: str) -> None:
        self._child.send(key)

    def answers(self, question: str, line: str) -> None:
        self.sees(question)
        self.types(line)

    def ends(self) -> tuple[int, str]:
        """The exit code, and the rest of what is shown."""
        self._child.expect(pexpect.EOF)
        self._child.wait()  # else closing the terminal could be what ends it
        self._child.close()
        return self._child.exitstatus, self._child.before

    def goes_away(self) -> None:
        """The terminal is gone; what was started on it may stay."""
        self._child.ptyproc.fileobj.close()

    def is_told(self, number: signal.Signals) -> None:
        os.kill(self._child.pid, number)

    def wait(self) -> int:
        """The exit code of a program whose terminal is gone."""
        return self._child.ptyproc.wait()

    def close(self) -> None:
        self._child.close(force=True)


@contextmanager
def on_screen(home: Path, *argv: str, **environ: str) -> Iterator[Screen]:
    """argo-proxy with these arguments."""
    with closing(Screen(home, sys.executable, ["-m", "argo_proxy", *argv], environ)) as screen:
        yield screen


@contextmanager
def on_shell(home: Path, command: str, environ: dict[str, str]) -> Iterator[Screen]:
    """A shell command in which `argo-proxy` is the program."""
    command = command.replace("argo-proxy", f"'{sys.executable}' -m argo_proxy")
    with closing(Screen(home, "/bin/sh", ["-c", command], environ)) as screen:
        yield screen


def write_config(folder: Path, gateway_url: str, **more: object) -> Path:
    """A configuration that is complete, where the program looks first; JSON is YAML, too."""
    path = folder / "config.yaml"
    path.write_text(json.dumps(settings_for(gateway_url, **more)))
    path.chmod(0o600)
    return path
