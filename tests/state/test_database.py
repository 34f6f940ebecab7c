"""What a file is like that responses are stored in, and which files are refused."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from argo_proxy.canonical.errors import StateError
from argo_proxy.state.database import VERSION, connect, is_still, make_file, set_aside, write_ahead, writing


def pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def foreign(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_a_new_file_and_its_directory_are_for_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.db"
    make_file(path)
    with closing(connect(path, 1)) as connection:
        connection.execute("UPDATE total SET bytes = 0")
        modes = [one.stat().st_mode & 0o777 for one in (path.parent, *sorted(path.parent.iterdir()))]
    assert modes == [0o700, 0o600, 0o600, 0o600]


def test_it_is_written_ahead_and_can_shrink(path: Path) -> None:
    with closing(connect(path, 1)) as connection:
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "auto_vacuum") == 2
        assert pragma(connection, "synchronous") == 1
        assert pragma(connection, "user_version") == VERSION


def test_a_file_is_opened_again_as_it_was(path: Path) -> None:
    with closing(connect(path, 1)) as connection:
        connection.execute("UPDATE total SET bytes = 7")
    with closing(connect(path, 1)) as connection:
        assert connection.execute("SELECT bytes FROM total").fetchall() == [(7,)]


def test_a_file_of_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    with closing(connect(path, 1)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(StateError, match=rf"state\.db: was written by a newer argo-proxy .*{VERSION + 1}.*update"):
        connect(path, 1)
    assert path.read_bytes() == before


@pytest.mark.parametrize("statement", ["CREATE TABLE mail (text)", "PRAGMA user_version = 3"])
def test_the_database_of_another_program_is_refused_and_left_alone(path: Path, statement: str) -> None:
    before = foreign(path, statement).read_bytes()
    with pytest.raises(StateError, match="another program; choose another file as `state_url`"):
        connect(path, 1)
    assert path.read_bytes() == before


def test_what_fails_within_a_transaction_leaves_no_trace(path: Path) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        with writing(connection):
            connection.execute("UPDATE total SET bytes = 7")
            connection.execute("INSERT INTO nowhere VALUES (1)")

    with closing(connect(path, 1)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            fail(connection)
        assert not connection.in_transaction
        assert connection.execute("SELECT bytes FROM total").fetchall() == [(0,)]


def plain(path: Path) -> closing[sqlite3.Connection]:
    """A connection that waits for nobody."""
    return closing(sqlite3.connect(path, timeout=0, isolation_level=None))


def test_a_transaction_has_the_right_to_write_from_the_start(path: Path) -> None:
    with closing(connect(path, 1)) as one, plain(path) as other, writing(one):
        refused = pytest.raises(sqlite3.OperationalError, match="locked")
        with refused:
            other.execute("UPDATE total SET bytes = 7")


def test_who_begins_a_file_waits_for_others_who_do(path: Path) -> None:
    with plain(path) as one, plain(path) as other:
        other.execute("BEGIN IMMEDIATE")
        began_s = time.monotonic()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            write_ahead(one, 0.1)
        assert time.monotonic() - began_s >= 0.1
        other.execute("ROLLBACK")
        write_ahead(one, 0)
        assert pragma(one, "journal_mode") == "wal"


def test_a_path_is_known_to_lead_to_another_file(path: Path) -> None:
    file = make_file(path)
    assert make_file(path) == file
    assert is_still(path, file)
    path.rename(path.with_suffix(".old"))
    assert not is_still(path, file)
    make_file(path)
    assert not is_still(path, file)


def test_a_file_set_aside_takes_its_log_along(path: Path) -> None:
    for part in ("", "-wal"):
        Path(f"{path}{part}").write_text(f"content{part}")
    aside = set_aside(path, 1234.5)
    assert {one.name: one.read_text() for one in path.parent.iterdir()} == {
        "state.db.corrupt-1234": "content",
        "state.db.corrupt-1234-wal": "content-wal",
    }
    assert aside == path.parent / "state.db.corrupt-1234"
