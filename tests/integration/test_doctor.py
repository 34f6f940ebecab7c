"""`argo-proxy doctor` beside real gateways and proxies."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

from tests.integration.commanding import run, write_config
from tests.integration.proxying import Proxy, settings_for
from tests.simulator.running import Gateway

NAMES = [
    "Python",
    "configuration",
    "permissions",
    "user",
    "port",
    "state store",
    "DNS",
    "TLS",
    "chat URL",
    "stream URL",
    "embedding URL",
    "models URL",
    "clock",
    "version",
]
NOWHERE = "http://127.0.0.1:9"


def lines_of(output: str) -> dict[str, tuple[str, str]]:
    """The state and the rest of each line, by the name of the check."""
    lines = output.splitlines()[:-2]
    return {line[8:22].strip(): (line[:7].strip(), line[22:].strip()) for line in lines}


def test_where_everything_is_well_every_check_is_a_line_and_the_exit_code_0(gateway_url: str, tmp_path: Path) -> None:
    write_config(tmp_path, settings_for(gateway_url))
    done = run(tmp_path, "doctor")
    lines = lines_of(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert [*lines] == NAMES
    assert lines["TLS"] == ("skipped", "no URL of ARGO begins with https")
    assert {state for name, (state, _) in lines.items() if name != "TLS"} == {"ok"}
    assert lines["configuration"][1] == "config.yaml is valid"
    assert done.stdout.endswith("\n\nall is well\n")


def test_each_failure_stands_beside_its_cure_and_the_exit_code_is_1(tmp_path: Path) -> None:
    write_config(tmp_path, settings_for(NOWHERE))
    done = run(tmp_path, "doctor")
    lines = lines_of(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert [name for name, (state, _) in lines.items() if state == "failed"] == [
        name for name in NAMES if name.endswith("URL")
    ]
    assert all("; cure: " in line for state, line in lines.values() if state == "failed")
    assert lines["clock"][0] == "skipped"
    assert done.stdout.endswith("\n\n4 of 14 checks failed\n")


def test_a_proxy_that_runs_here_is_recognised(proxy: Proxy, gateway_url: str, tmp_path: Path) -> None:
    write_config(tmp_path, settings_for(gateway_url, port=proxy.port))
    done = run(tmp_path, "doctor")
    state, line = lines_of(done.stdout)["port"]
    assert (done.returncode, state) == (0, "ok")
    assert line.startswith("argo-proxy ")
    assert line.endswith(f" serves at http://127.0.0.1:{proxy.port} already")


def test_a_stranger_on_the_port_is_a_failure(gateway_url: str, tmp_path: Path) -> None:
    write_config(tmp_path, settings_for(gateway_url, port=int(gateway_url.rpartition(":")[2])))
    done = run(tmp_path, "doctor")
    assert done.returncode == 1
    state, line = lines_of(done.stdout)["port"]
    assert state == "failed"
    assert line.startswith(f"another program has {gateway_url}: ")
    assert line.endswith("; cure: choose another with --port, or as `port` in the file")


def test_a_wrong_path_is_told_by_its_key(gateway: Gateway, gateway_url: str, tmp_path: Path) -> None:
    write_config(tmp_path, settings_for(gateway_url, argo_stream_url=f"http://127.0.0.1:{gateway.port}/nothing"))
    state, line = lines_of(run(tmp_path, "doctor").stdout)["stream URL"]
    assert state == "failed"
    assert line.endswith("; cure: correct `argo_stream_url`, or leave it out")


def test_without_any_configuration_the_rest_is_still_checked(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor", ARGO_PROXY_ARGO_BASE_URL=NOWHERE, ARGO_PROXY_UPDATE_URL=NOWHERE)
    lines = lines_of(done.stdout)
    assert done.returncode == 1
    assert lines["configuration"][0] == "note"
    assert lines["user"][0] == "failed"
    assert lines["chat URL"][0] == "failed"


def test_flags_stand_in_for_a_file(gateway_url: str, tmp_path: Path) -> None:
    base = {"ARGO_PROXY_ARGO_BASE_URL": f"{gateway_url}/argoapi", "ARGO_PROXY_UPDATE_URL": NOWHERE}
    done = run(tmp_path, "doctor", "--user", "jdoe", "-H", "127.0.0.1", **base)
    assert done.returncode == 0
    assert lines_of(done.stdout)["user"] == ("ok", "jdoe")


def test_a_configuration_that_will_not_do_is_told_problem_by_problem(tmp_path: Path) -> None:
    write_config(tmp_path, {"user": "jdoe", "port": "many", "verbose": "maybe"})
    done = run(tmp_path, "doctor")
    assert done.returncode == 1
    assert [line[:22].split() for line in done.stdout.splitlines()[:-2]] == [
        ["ok", "Python"],
        ["failed", "configuration"],
        ["failed", "configuration"],
        ["skipped", "the", "rest"],
    ]
    assert "config.yaml:3: port: found 'many'; cure: give " in done.stdout


def test_json_says_the_same_for_programs(gateway_url: str, tmp_path: Path) -> None:
    write_config(tmp_path, settings_for(gateway_url, argo_url=NOWHERE))
    done = run(tmp_path, "doctor", "--json")
    report = json.loads(done.stdout)
    failed = [check for check in report["checks"] if check["state"] == "failed"]
    assert (done.returncode, done.stderr, report["healthy"]) == (1, "", False)
    assert [check["name"] for check in report["checks"]] == NAMES
    assert [check["name"] for check in failed] == ["chat URL"]
    assert failed[0]["cure"]


def test_a_terminal_sees_colours_and_lines_that_fit(tmp_path: Path) -> None:
    pexpect = pytest.importorskip("pexpect", reason="pseudo-terminals, which Windows has not")
    write_config(tmp_path, settings_for(NOWHERE))
    shown, status = pexpect.run(
        f"{sys.executable} -m argo_proxy doctor",
        withexitstatus=True,
        encoding="utf-8",
        cwd=str(tmp_path),
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TERM": "xterm"},
        dimensions=(40, 80),
    )
    assert status == 1
    assert "\x1b[32mok" in shown
    assert "\x1b[1;31mfailed" in shown
    assert "cure: " in shown
    assert max(len(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line).rstrip()) for line in shown.splitlines()) <= 80
