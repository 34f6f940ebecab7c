"""The service files start what there is, and stop it gently. Their commands are run with a home of their own."""

from __future__ import annotations

import configparser
import os
import plistlib
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from argo_proxy.cli.parser import Options, parse
from argo_proxy.cli.serve import BAD_CONFIGURATION
from argo_proxy.settings import Settings

PACKAGING = Path(__file__).parent.parent.parent / "packaging"
UNIT = PACKAGING / "argo-proxy.service"
PLIST = PACKAGING / "gov.anl.argo-proxy.plist"
PROGRAM = ".local/bin/argo-proxy"
CONFIG = ".config/argoproxy/config.yaml"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="for Linux and macOS")


def unit() -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None)
    read.optionxform = str  # type: ignore[assignment]
    read.read_string(UNIT.read_text(encoding="utf-8"))
    return read


def plist() -> dict[str, object]:
    return plistlib.loads(PLIST.read_bytes())


def systemd_command(home: Path) -> list[str]:
    return shlex.split(unit()["Service"]["ExecStart"].replace("%h", str(home)))


def launchd_command(_: Path) -> list[str]:
    command = plist()["ProgramArguments"]
    assert isinstance(command, list)
    return command


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """With the program at the place where pipx and uv put it, which here says what it was started with."""
    program = tmp_path / PROGRAM
    program.parent.mkdir(parents=True)
    program.write_text(
        f"#!{sys.executable}\nimport sys\nprint(*sys.argv[1:], sep='\\n')\nprint('log', file=sys.stderr)\n"
    )
    program.chmod(0o755)
    (tmp_path / "Library/Logs").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("command", [systemd_command, launchd_command])
def test_the_program_is_started_with_words_that_it_knows(command: Callable[[Path], list[str]], home: Path) -> None:
    done = subprocess.run(command(home), env={"HOME": str(home)}, capture_output=True, text=True, check=True)
    assert parse(done.stdout.splitlines()) == Options(config=str(home / CONFIG), flags={}, show=False, validate=False)


def test_launchd_keeps_what_the_program_says(home: Path) -> None:
    subprocess.run(launchd_command(home), env={"HOME": str(home)}, capture_output=True, check=True)
    assert (home / "Library/Logs/argo-proxy.log").read_text() == "log\n"


def test_streams_get_to_their_end_before_the_program_is_killed() -> None:
    assert int(unit()["Service"]["TimeoutStopSec"]) > Settings(user="jdoe").drain_s
    assert plist()["ExitTimeOut"] > Settings(user="jdoe").drain_s  # type: ignore[operator]


def test_a_bad_configuration_is_not_started_again_and_again() -> None:
    assert unit()["Service"]["RestartPreventExitStatus"] == str(BAD_CONFIGURATION)
    assert plist()["KeepAlive"] == {"SuccessfulExit": False}


def test_what_it_writes_is_for_its_user_alone() -> None:
    assert unit()["Service"]["UMask"] == "0077"
    assert plist()["Umask"] == 0o077


def test_the_label_is_the_name_of_the_file() -> None:
    assert f"{plist()['Label']}.plist" == PLIST.name


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong(home: Path) -> None:
    copy = home / UNIT.name
    copy.write_text(UNIT.read_text(encoding="utf-8").replace("%h", str(home)))
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", copy],
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)},
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
