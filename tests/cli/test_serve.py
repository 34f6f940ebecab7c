"""From the command line to the app: what is printed where, and with which exit code it ends."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from ruamel.yaml import YAML

from argo_proxy.cli.command import main
from argo_proxy.settings import Settings
from argo_proxy.settings.table import environ_names, keys

OPEN = "WARNING: everyone who can reach 0.0.0.0 can use ARGO as 'jdoe'; cure: --host 127.0.0.1"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory and home, and no variable that the proxy reads."""
    more = {name: key.more_environ for name, key in keys().items()}
    for name, others in more.items():
        for variable in environ_names(name, others):
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the check of the URLs, which has tests of its own."""
    monkeypatch.setenv("ARGO_PROXY_SKIP_URL_VALIDATION", "1")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Stands in for the app and keeps the settings it was run with."""
    runs: list[Settings] = []
    stand_in(monkeypatch, "argo_proxy.app", lambda settings, _: runs.append(settings) or 0)
    return runs


def stand_in(monkeypatch: pytest.MonkeyPatch, module: str, run: Callable[..., int]) -> None:
    fake = ModuleType(module)
    fake.__dict__["run"] = run
    monkeypatch.setitem(sys.modules, module, fake)


def config(content: str) -> None:
    Path("config.yaml").write_text(content)
    Path("config.yaml").chmod(0o600)


def test_the_app_is_run_with_what_flags_environment_and_file_give(
    served: list[Settings], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config("user: jdoe\nhost: 127.0.0.1\nport: 1\n")
    monkeypatch.setenv("REAL_STREAM", "no")
    assert main(["--port", "8080", "-q"]) == 0
    assert served == [Settings(user="jdoe", host="127.0.0.1", port=8080, real_stream=False, verbose=False)]
    assert capsys.readouterr() == ("", "")


def test_the_exit_code_is_that_of_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, "argo_proxy.app", lambda *_: 1)
    assert main(["--user", "jdoe"]) == 1


def test_warnings_do_not_keep_it_from_serving(served: list[Settings], capsys: pytest.CaptureFixture[str]) -> None:
    config("user: jdoe\nhost: 127.0.0.1\nwrokers: 4\n")
    assert main(["gone.yaml"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "warning: gone.yaml: no such file; using config.yaml instead",
        "warning: config.yaml:3: wrokers: unknown key, ignored; did you mean 'workers'?",
    ]
    assert len(served) == 1


@pytest.mark.usefixtures("served")
def test_a_mistyped_command_is_told_with_the_right_one(capsys: pytest.CaptureFixture[str]) -> None:
    config("user: jdoe\nhost: ::1\n")
    main(["modles"])
    assert capsys.readouterr().err.splitlines() == [
        "warning: modles: no such file; using config.yaml instead",
        "warning: did you mean: argo-proxy models",
    ]


def test_without_any_file_it_says_what_is_missing_and_asks_nothing(
    served: list[Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: no configuration found; looked for config.yaml, ")
    places = (".config/argoproxy/config.yaml", ".argoproxy/config.yaml")
    assert all(piece in err for piece in (*places, "user: missing", "ARGO_PROXY_USER", "--user"))
    assert served == []


def test_problems_are_told_line_by_line_after_the_warnings(
    served: list[Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    config("usr: jdoe\nport: abc\n")
    assert main(["-H", "a b"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "warning: config.yaml:1: usr: unknown key, ignored; did you mean 'user'?",
        "error: config.yaml:2: port: found 'abc', expected a whole number from 0 to 65535",
        "error: command line: --host: found 'a b', expected plain ASCII text without spaces",
        "error: user: missing; give `user: <your ANL user name>` in the file, ARGO_PROXY_USER, or --user",
    ]
    assert served == []


def test_a_file_that_cannot_be_read_is_an_error(served: list[Settings], capsys: pytest.CaptureFixture[str]) -> None:
    config("user: [\n")
    assert main(["--user", "jdoe"]) == 2
    assert capsys.readouterr().err.startswith("error: config.yaml:2: not valid YAML")
    assert served == []


@pytest.mark.usefixtures("offline")
def test_validate_says_that_the_file_is_valid_and_serves_nothing(
    served: list[Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    config("user: jdoe\nhost: localhost\n")
    assert main(["-vv"]) == 0
    assert capsys.readouterr() == ("config.yaml is valid\n", "")
    assert served == []


@pytest.mark.usefixtures("offline")
def test_validate_does_without_a_file(served: list[Settings], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-vv", "-u", "jdoe", "-H", "::1"]) == 0
    assert capsys.readouterr().out == "configuration without a file is valid\n"
    assert served == []


def test_validate_ends_with_2_when_there_is_a_problem(served: list[Settings]) -> None:
    assert main(["-vv"]) == 2
    assert served == []


def test_show_prints_yaml_with_masked_keys_then_serves(
    served: list[Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    config("user: jdoe\napi_keys: [hidden]\n")
    assert main(["--show", "-p", "81"]) == 0
    out, err = capsys.readouterr()
    shown = YAML(typ="safe").load(out)
    assert (shown["user"], shown["port"], shown["api_keys"], err) == ("jdoe", 81, ["********"], "")
    assert out.startswith("# config.yaml\n")
    assert len(served) == 1


@pytest.mark.usefixtures("offline")
def test_show_and_validate_print_yaml_and_that_it_is_valid(
    served: list[Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-s", "-vv", "-u", "jdoe"]) == 0
    out, err = capsys.readouterr()
    assert YAML(typ="safe").load(out)["user"] == "jdoe"
    assert out.endswith("\n# configuration without a file is valid\n")
    assert err.startswith(OPEN)
    assert served == []


def test_with_a_log_for_machines_all_that_is_said_at_the_start_is_for_machines(
    served: list[Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    config("user: jdoe\nusr: x\n")
    main(["gone.yaml", "--log-format", "json"])
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["level"], line["message"].partition(";")[0]) for line in lines] == [
        ("warning", "gone.yaml: no such file"),
        ("warning", "config.yaml:2: usr: unknown key, ignored"),
        ("warning", OPEN.partition(";")[0]),
    ]
    assert len(served) == 1


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("", True),
        ("host: '::'", True),
        ("host: login1.anl.gov", True),
        ("username_passthrough: true", True),
        ("host: 127.8.0.1", False),
        ("host: ::1", False),
        ("host: LocalHost", False),
        ("api_keys: [k]", False),
        ("socket: /run/argo/s", False),
    ],
)
def test_a_proxy_open_to_others_says_so_in_one_line_with_the_cure(
    served: list[Settings], capsys: pytest.CaptureFixture[str], extra: str, told: bool
) -> None:
    config(f"user: jdoe\n{extra}\n")
    assert main([]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == told
    assert all(line.startswith("WARNING: ") and "--host 127.0.0.1" in line and "jdoe" in line for line in lines)
    assert len(served) == 1


def test_ctrl_c_ends_quietly_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    stand_in(monkeypatch, "argo_proxy.app", interrupted)
    assert main(["-u", "jdoe", "-H", "::1"]) == 130
    assert capsys.readouterr() == ("", "")


def test_demo_runs_the_demo_whatever_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    config("port: [broken\n")
    stand_in(monkeypatch, "argo_proxy.cli.demo", lambda: 7)
    assert main(["demo"]) == 7


def test_help_and_usage_errors_are_returned_as_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["--help"]), main(["--nonsense"])) == (0, 2)
    assert "--nonsense" in capsys.readouterr().err


def bare_environ() -> dict[str, str]:
    """Without PYTHONUNBUFFERED too, which moves the moment at which a broken pipe is noticed."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("ARGO_PROXY_")}
    return {"PATH": os.environ.get("PATH", ""), "HOME": os.getcwd(), **kept}


def run_cli(*argv: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "argo_proxy", *argv],
        env=bare_environ() | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_real_program_helps_without_loading_what_it_does_not_need() -> None:
    code = "import sys; from argo_proxy.cli.command import main; main(['-h']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    modules = done.stdout.splitlines()[-1].split()
    assert not {"ruamel", "rich", "uvicorn", "msgspec", "tiktoken", "asyncio"} & set(modules)


def test_serving_loads_nothing_of_the_set_up() -> None:
    code = "import sys, argo_proxy.app, argo_proxy.cli.serve; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert not {"ruamel", "rich", "truststore", "urllib.request"} & set(done.stdout.split())


def test_the_real_program_validates() -> None:
    config("user: jdoe\n")
    done = run_cli("--validate", ARGO_PROXY_HOST="127.0.0.1", ARGO_PROXY_SKIP_URL_VALIDATION="1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "config.yaml is valid\n", "")


def test_the_real_program_ends_with_2_on_a_bad_value() -> None:
    done = run_cli(ARGO_PROXY_USER="cels")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: environment: ARGO_PROXY_USER: found 'cels', expected ")


@pytest.mark.skipif(os.name != "posix", reason="a broken pipe")
@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("argv", ["--help", "-vv --show -u jdoe -H ::1"])
def test_a_reader_who_left_is_no_reason_for_noise(argv: str) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, "-m", "argo_proxy", *argv.split()],
        env=bare_environ(),
        stdout=write_end,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(os.name != "posix", reason="closes a descriptor by way of the shell")
@pytest.mark.usefixtures("offline")
def test_closed_output_is_no_failure() -> None:
    command = f"'{sys.executable}' -m argo_proxy -vv --show -u jdoe >&- 2>&-"
    assert subprocess.run(["/bin/sh", "-c", command], timeout=60, check=False).returncode == 0
