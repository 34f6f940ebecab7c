"""The file that responses are stored in: made, opened, recognised, and set aside when it is of no use."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from argo_proxy.canonical.errors import StateError

FileId: TypeAlias = tuple[int, int]
"""Device and inode: whether a path still leads to the same file."""

VERSION = 1
_APPLICATION_ID = int.from_bytes(b"ARGO", "big")
_JOURNAL_BYTES = 4 * 2**20  # what is left of the journal when nothing is being written
_PARTS = ("-journal", "-wal", "-shm", "")  # write-ahead logs are of earlier versions
_EFFECTIVE_IDS = os.access in os.supports_effective_ids
_SCHEMA = (
    "CREATE TABLE responses (place INTEGER PRIMARY KEY, id TEXT NOT NULL, owner TEXT NOT NULL,"
    " created_s INTEGER NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL, items BLOB NOT NULL, UNIQUE (id, owner))",
    "CREATE TABLE total (bytes INTEGER NOT NULL)",
    "INSERT INTO total VALUES (0)",
    "CREATE TRIGGER come AFTER INSERT ON responses BEGIN UPDATE total SET bytes = bytes + new.size; END",
    "CREATE TRIGGER gone AFTER DELETE ON responses BEGIN UPDATE total SET bytes = bytes - old.size; END",
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)


def make_file(path: Path) -> FileId:
    """The file at this path; one that is not there is made, with its directory, for its owner's eyes only.

    An existing one is not opened: closing it would drop the locks that SQLite holds on it elsewhere in this process.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    found = path.stat()
    return found.st_dev, found.st_ino


def is_still(path: Path, file: FileId) -> bool:
    """Whether the path leads to that very file; it may have been deleted, or set aside by another process."""
    try:
        found = path.stat()
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == file


def connect(path: Path, wait_s: float) -> sqlite3.Connection:
    """Open the file, with its tables in it. `wait_s` is the longest wait for other processes.

    Raises sqlite3.Error, and StateError for the file of another program, which is not to be touched.
    """
    connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None)
    with ExitStack() as undo:
        undo.callback(connection.close)
        _set_up(connection, path)
        _journal(connection)
        undo.pop_all()
    return connection


@contextmanager
def writing(connection: sqlite3.Connection) -> Generator[None, None, None]:
    """A transaction that has the right to write from the start: a later change to it would not wait for others."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def is_useless(path: Path, error: sqlite3.Error) -> bool:
    """Whether no waiting helps: the file may not be used, or has the wrong content.

    Python gives only the errors of content (SQLITE_CORRUPT, NOTADB) no class of theirs.
    Tables that have gone, as from a file that was emptied, are a mistake in a statement to SQLite.
    """
    content = type(error) is sqlite3.DatabaseError or str(error).startswith("no such table")
    return content or (path.is_file() and not os.access(path, os.R_OK | os.W_OK, effective_ids=_EFFECTIVE_IDS))


def set_aside(path: Path, now_s: float) -> Path:
    """Rename a useless file, and first what belongs to it, so that no other is taken for its continuation."""
    aside = f"{path}.aside-{now_s:.0f}"
    for part in _PARTS:
        with suppress(FileNotFoundError):
            os.replace(f"{path}{part}", f"{aside}{part}")
    return Path(aside)


def _journal(connection: sqlite3.Connection) -> None:
    """A journal beside the file undoes what was broken off, and nothing is mapped into memory.

    The write-ahead log would be faster, but its index is: whoever truncates that file kills every process that has it.
    """
    connection.execute("PRAGMA mmap_size = 0")
    connection.execute("PRAGMA journal_mode = PERSIST")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA journal_size_limit = {_JOURNAL_BYTES}")


def _set_up(connection: sqlite3.Connection, path: Path) -> None:
    """The tables, in a file without any. Several processes may come here at once."""
    if _is_new(connection, path):
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # heeded only before there is anything in the file
    with writing(connection):
        if _is_new(connection, path):
            for statement in _SCHEMA:
                connection.execute(statement)


def _is_new(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether there is nothing in it. Raises as `connect` does if what is in it cannot be used here."""
    match _marks(connection):
        case (0, 0, 0):
            return True
        case (int(application), version, _) if application == _APPLICATION_ID and version <= VERSION:
            return False
        case (int(application), version, _) if application == _APPLICATION_ID:
            raise sqlite3.DatabaseError(
                f"written by a newer argo-proxy (its form is {version}, this one knows {VERSION})"
            )
        case _:
            raise StateError(f"{path}: is the database of another program; choose another file as `state_url`")


def _marks(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Whose it is, its version, and how much is in it, at one moment: another process may just be making it."""
    row: tuple[int, int, int] = connection.execute(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)"
        " FROM pragma_application_id, pragma_user_version"
    ).fetchone()
    return row
