"""Commands see the settings that serving would, and do without a user where nothing is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from argo_proxy.cli.userless import NOBODY, settings_for_command
from argo_proxy.settings.table import environ_names, keys


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory and home, and no variable that the proxy reads."""
    for name, key in keys().items():
        for variable in environ_names(name, key.more_environ):
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def write(content: str) -> None:
    Path("config.yaml").write_text(content)
    Path("config.yaml").chmod(0o600)


def test_file_environment_and_flags_count_as_in_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    write("user: jdoe\nport: 1\nhost: ::1\nverbose: false\n")
    monkeypatch.setenv("ARGO_PROXY_PORT", "2")
    settings = settings_for_command(None, {"host": "127.0.0.1"})
    assert settings is not None
    assert (settings.user, settings.port, settings.host, settings.verbose) == ("jdoe", 2, "127.0.0.1", False)


def test_nobody_stands_in_for_a_missing_user(capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_for_command(None, {})
    assert settings is not None
    assert settings.user == NOBODY
    assert capsys.readouterr() == ("", "")


def test_any_other_problem_is_told_and_the_missing_user_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    write("port: many\nprot: 1\n")
    assert settings_for_command(None, {}) is None
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in told] == ["warning", "error", "error"]
    assert told[1].startswith("error: config.yaml:1: port: found 'many'")


def test_warnings_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    write("prot: 1\n")
    assert settings_for_command("gone.yaml", {}) is not None
    assert capsys.readouterr().err.splitlines() == [
        "warning: gone.yaml: no such file; using config.yaml instead",
        "warning: config.yaml:1: prot: unknown key, ignored; did you mean 'port'?",
    ]
