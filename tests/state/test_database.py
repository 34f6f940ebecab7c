"""What a file is like that responses are stored in, and which files are refused."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from argo_proxy.canonical.errors import StateError
from argo_proxy.state.database import VERSION, connect, is_still, is_useless, make_file, set_aside, writing


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
        connection.execute("UPDATE total SET bytes = 1")
        modes = [one.stat().st_mode & 0o777 for one in (path.parent, *sorted(path.parent.iterdir()))]
    assert modes == [0o700, 0o600, 0o600]


def test_nothing_of_it_is_mapped_into_memory_and_it_can_shrink(path: Path) -> None:
    with closing(connect(path, 1)) as connection:
        assert pragma(connection, "mmap_size") == 0
        assert pragma(connection, "journal_mode") == "persist"
        assert pragma(connection, "auto_vacuum") == 2
        assert pragma(connection, "synchronous") == 1
        assert pragma(connection, "user_version") == VERSION


def test_a_file_with_a_write_ahead_log_is_taken_over_with_all_that_is_in_it(path: Path) -> None:
    with closing(connect(path, 1)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE total SET bytes = 7")
        copies = {part: Path(f"{path}{part}").read_bytes() for part in ("", "-wal")}
    for part, content in copies.items():
        Path(f"{path}{part}").write_bytes(content)
    with closing(connect(path, 1)) as connection:
        assert connection.execute("SELECT bytes FROM total").fetchall() == [(7,)]
        assert pragma(connection, "journal_mode") == "persist"
    assert not Path(f"{path}-wal").exists()


def test_a_file_is_opened_again_as_it_was(path: Path) -> None:
    with closing(connect(path, 1)) as connection:
        connection.execute("UPDATE total SET bytes = 7")
    with closing(connect(path, 1)) as connection:
        assert connection.execute("SELECT bytes FROM total").fetchall() == [(7,)]


def test_a_file_of_a_newer_version_is_of_no_use_and_left_as_it_is(path: Path) -> None:
    with closing(connect(path, 1)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(sqlite3.DatabaseError, match=f"written by a newer argo-proxy .*{VERSION + 1}") as raised:
        connect(path, 1)
    assert is_useless(path, raised.value)
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


def test_a_path_is_known_to_lead_to_another_file(path: Path) -> None:
    file = make_file(path)
    assert make_file(path) == file
    assert is_still(path, file)
    path.rename(path.with_suffix(".old"))
    assert not is_still(path, file)
    make_file(path)
    assert not is_still(path, file)


def test_a_file_set_aside_takes_its_journal_along(path: Path) -> None:
    for part in ("", "-journal"):
        Path(f"{path}{part}").write_text(f"content{part}")
    aside = set_aside(path, 1234.5)
    assert {one.name: one.read_text() for one in path.parent.iterdir()} == {
        "state.db.aside-1234": "content",
        "state.db.aside-1234-journal": "content-journal",
    }
    assert aside == path.parent / "state.db.aside-1234"
