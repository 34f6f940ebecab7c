"""What is checked on this machine, and what is said of it."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from argo_proxy.cli import checkup
from argo_proxy.cli.checkup import Check
from argo_proxy.cli.userless import NOBODY
from argo_proxy.settings import Search, Settings, SettingsError

SETTINGS = Settings(user="jdoe", host="127.0.0.1", port=0)
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has no such mode bits")


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which something listens that never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_file_that_was_found_and_is_valid_is_named() -> None:
    search = Search(Path("config.yaml"), (Path("config.yaml"),))
    assert [*checkup.configuration(search, SETTINGS, ())] == [Check("configuration", "ok", "config.yaml is valid")]


def test_without_a_file_the_places_are_told() -> None:
    [check] = checkup.configuration(Search(None, (Path("a"), Path("b"))), SETTINGS, ())
    assert (check.state, check.found) == ("note", "no file at a, b")


def test_warnings_are_notes_with_their_cure_apart() -> None:
    search = Search(Path("b"), (), ("a: no such file; using b instead",))
    checks = [*checkup.configuration(search, None, ("b: other users can read the keys in it; cure: chmod 600 b",))]
    assert checks == [
        Check("configuration", "note", "a: no such file; using b instead"),
        Check("configuration", "note", "b: other users can read the keys in it", "chmod 600 b"),
    ]


def test_every_problem_but_a_missing_user_is_a_failure_of_the_configuration() -> None:
    error = SettingsError(["c:2: port: found 'x', expected a number", "c:3: given twice; keep one", "user: missing"])
    error.missing = ("user",)
    assert [*checkup.problems(error)] == [
        Check("configuration", "failed", "c:2: port: found 'x'", "give a number"),
        Check("configuration", "failed", "c:3: given twice; keep one", "correct the file"),
    ]


@POSIX
@pytest.mark.parametrize(
    ("mode", "state"), [(0o600, "ok"), (0o400, "ok"), (0o644, "ok"), (0o664, "failed"), (0o602, "failed")]
)
def test_a_file_that_others_can_change_is_a_failure(mode: int, state: str, tmp_path: Path) -> None:
    path = tmp_path / "my config.yaml"
    path.touch()
    path.chmod(mode)
    check = checkup.permissions(path)
    assert check.state == state
    assert check.cure == (f"chmod 600 '{path}'" if state == "failed" else None)


def test_a_missing_user_is_a_failure() -> None:
    assert checkup.user(SETTINGS) == Check("user", "ok", "jdoe")
    assert checkup.user(replace(SETTINGS, user=NOBODY)).state == "failed"


def test_a_port_is_free_or_taken_by_a_stranger(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("argo_proxy.cli.neighbour.LIMIT_S", 0.05)
    check = checkup.port(replace(SETTINGS, port=taken))
    assert check.found.startswith(f"another program has http://127.0.0.1:{taken}: ")
    assert check.state == "failed"
    assert "--port" in str(check.cure)


def test_a_free_port_stays_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert [checkup.port(replace(SETTINGS, port=port)) for _ in range(2)] == [
        Check("port", "ok", f"{port} is free")
    ] * 2


def test_an_address_of_another_machine_is_a_failure() -> None:
    check = checkup.port(replace(SETTINGS, host="no-such-host.invalid", port=8080))
    assert check.state == "failed"
    assert check.found.startswith("cannot listen on no-such-host.invalid")
    assert check.cure


def test_no_port_is_checked_where_none_is_fixed() -> None:
    assert checkup.port(SETTINGS).found.startswith("any free one at each start")
    assert checkup.port(replace(SETTINGS, socket="/run/me/argo")).found == "none: the Unix socket /run/me/argo"


def test_a_store_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.db"
    assert checkup.store(replace(SETTINGS, state_url=f"sqlite:///{path}")) == Check(
        "state store", "ok", f"{path} will be made at the start"
    )
    assert [*tmp_path.iterdir()] == []


def test_a_store_that_is_there_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.touch(mode=0o600)
    assert checkup.store(replace(SETTINGS, state_url=f"sqlite:///{path}")).found == f"{path} can be opened"


def test_the_database_of_another_program_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    check = checkup.store(replace(SETTINGS, state_url=f"sqlite:///{path}"))
    assert check == Check(
        "state store",
        "failed",
        f"{path}: is the database of another program",
        "choose another file as `state_url`",
    )


def test_a_folder_that_is_none_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check = checkup.store(replace(SETTINGS, state_url=f"sqlite:///{tmp_path}/file/state.db"))
    assert (check.state, check.found) == ("failed", f"{tmp_path}/file/state.db cannot be made in {tmp_path}/file")


@pytest.mark.parametrize("path", [Path("/proc/x/state.db"), Path("/tmp", "x" * 300)])
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder where nobody can make a file")
def test_a_store_that_cannot_be_made_whatever_the_permissions_say_is_a_failure(path: Path) -> None:
    check = checkup.store(replace(SETTINGS, state_url=f"sqlite:///{path}"))
    assert (check.state, check.found) == ("failed", f"{path} cannot be made in /{path.parts[1]}")


def test_memory_needs_nothing() -> None:
    assert checkup.store(SETTINGS).state == "ok"


def test_python_is_told_with_its_place() -> None:
    assert checkup.python().state == "ok"
