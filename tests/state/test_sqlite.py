"""A store in a file: what outlives it, who shares it, and what befalls files."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypeAlias

import pytest

from argo_proxy.canonical.errors import StateError
from argo_proxy.state import Limits, ResponseStore
from argo_proxy.state.database import set_aside
from argo_proxy.state.sqlite import SqliteStore
from tests.state.keeping import KB, NOW_S, Clock, response

MB = 1024 * KB
ROOT = Path(__file__).parent.parent.parent
Opening: TypeAlias = Callable[..., SqliteStore]
posix = pytest.mark.skipif(os.name != "posix", reason="Windows has neither limits nor modes, and keeps files in use")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def store_in(path: Path, max_bytes: int = 100 * MB, wait_s: float = 5.0) -> SqliteStore:
    store = SqliteStore(path, Limits(max_bytes, 3600), Clock(), wait_s)
    store.open()
    return store


@pytest.fixture
def opening(path: Path) -> Iterator[Opening]:
    """Opens a store in the file, and closes it at the end."""
    with ExitStack() as stack:
        yield lambda **more: stack.enter_context(closing(store_in(path, **more)))


def run(scene: Coroutine[object, object, None]) -> None:
    asyncio.run(scene)


def python(script: str, *args: object) -> subprocess.Popen[str]:
    """A process that runs the script, in which there are a `store` in the file of the first argument, and `put`."""
    head = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from argo_proxy.state import Limits, StateError\n"
        "from argo_proxy.state.sqlite import SqliteStore\n"
        "from tests.state.keeping import KB, Clock, response\n"
        "store = SqliteStore(Path(sys.argv[1]), Limits(1024 * KB, 3600), Clock())\n"
        "def put(*args, **more):\n"
        "    asyncio.run(store.put(response(*args, **more)))\n"
        "def told(*args, **more):\n"
        "    try:\n"
        "        put(*args, **more)\n"
        "        print('stored')\n"
        "    except StateError as error:\n"
        "        print(error)\n"
    )
    command = [sys.executable, "-c", f"{head}{script}\nstore.close()", *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)


def output(process: subprocess.Popen[str]) -> list[str]:
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 0, told
    return told.splitlines()


async def there(store: ResponseStore, *numbers: int) -> list[int]:
    return [number for number in numbers if await store.get(f"resp_{number}", "")]


async def fill(store: ResponseStore) -> None:
    for number in range(50):
        await store.put(response(f"resp_{number}", size=10 * KB))


def damage(path: Path) -> None:
    """Write nonsense over every page but the first, which tells of a write, or what is cached counts."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(24)
        file.write(os.urandom(4))
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


def test_what_was_stored_outlives_the_process(opening: Opening, path: Path) -> None:
    assert output(python("put('resp_1', 'ann', body=b'kept')", path)) == []

    async def scene() -> None:
        assert await opening().get("resp_1", "ann") == response("resp_1", "ann", body=b"kept")

    run(scene())


def test_two_processes_share_one_file_and_one_limit(opening: Opening, path: Path) -> None:
    script = "for number in range(120): put(f'{sys.argv[2]}_{number}', size=10 * KB)\nprint('done')"

    async def scene() -> None:
        store = opening(max_bytes=MB)
        both = [python(script, path, name) for name in ("left", "right")]
        for number in range(50):
            await store.put(response(f"resp_{number}", size=KB))
        assert [output(process) for process in both] == [["done"], ["done"]]
        newest = [await store.get(f"{name}_119", "") for name in ("left", "right")]
        assert any(newest)

    run(scene())
    with closing(sqlite3.connect(path)) as connection:
        [(told, counted, rows)] = connection.execute(
            "SELECT bytes, sum(size), count(*) FROM responses, total"
        ).fetchall()
        assert told == counted <= MB
        assert rows >= 100
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_several_processes_begin_a_file_at_the_same_time(opening: Opening, path: Path) -> None:
    wait = "while not Path(sys.argv[3]).exists(): pass\n"
    gate = path.with_name("gate")
    all_of_them = [python(f"{wait}put(f'resp_{{sys.argv[2]}}')", path, number, gate) for number in range(4)]
    gate.touch()
    assert [output(process) for process in all_of_them] == [[]] * 4

    async def scene() -> None:
        assert await there(opening(), *range(4)) == [0, 1, 2, 3]

    run(scene())


def test_a_smaller_limit_holds_from_the_next_start_on(opening: Opening) -> None:
    async def scene() -> None:
        store = opening()
        for number in range(4):
            await store.put(response(f"resp_{number}", size=KB))
        assert await there(opening(max_bytes=2 * KB), *range(4)) == [2, 3]

    run(scene())


def test_the_file_shrinks_when_much_of_it_is_empty(path: Path) -> None:
    async def scene() -> None:
        with closing(store_in(path)) as store:
            for number in range(20):
                await store.put(response(f"resp_{number}", size=MB // 2))
            for number in range(19):
                await store.delete(f"resp_{number}", "")
        with closing(store_in(path)) as store:
            assert await there(store, 19) == [19]

    run(scene())
    assert path.stat().st_size < MB


def test_a_file_that_is_always_full_does_not_grow(opening: Opening, path: Path) -> None:
    async def scene() -> None:
        store = opening(max_bytes=MB)
        for number in range(150):
            await store.put(response(f"resp_{number}", size=20 * KB))

    run(scene())
    assert path.stat().st_size < 3 * MB // 2
    assert Path(f"{path}-journal").stat().st_size < 8 * MB


def test_the_loop_goes_on_while_the_file_is_locked(opening: Opening, path: Path) -> None:
    async def scene() -> None:
        store = opening(wait_s=60)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            putting = asyncio.ensure_future(store.put(response("resp_1")))
            for _ in range(100):
                await asyncio.sleep(0)
            assert not putting.done()
            other.execute("ROLLBACK")
        await putting
        assert await there(store, 1) == [1]

    run(scene())


def test_a_lock_that_stays_is_told_and_it_works_again_afterwards(opening: Opening, path: Path) -> None:
    async def scene() -> None:
        store = opening(wait_s=0.01)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StateError, match=r"stored in .*state\.db: database is locked; another program"):
                await store.put(response("resp_1"))
            other.execute("ROLLBACK")
        await store.put(response("resp_2"))
        assert await there(store, 1, 2) == [2]

    run(scene())


def allow_pages(store: SqliteStore, count: int) -> None:
    assert store._connection is not None
    assert store._connection.execute(f"PRAGMA max_page_count = {count}").fetchall() == [(count,)]


def test_a_full_database_is_told_and_it_works_again_afterwards(opening: Opening) -> None:
    async def scene() -> None:
        store = opening()
        await store.put(response("resp_1"))
        await asyncio.get_running_loop().run_in_executor(store._thread, allow_pages, store, 20)
        with pytest.raises(StateError, match="database or disk is full; free some space"):
            await store.put(response("resp_2", size=MB))
        await store.put(response("resp_3", size=MB))
        assert await there(store, 1, 2, 3) == [1, 3]

    run(scene())


@posix
def test_a_file_that_may_not_grow_is_told_and_it_works_again_afterwards(path: Path) -> None:
    script = (
        "import resource\n"
        "told('resp_1')\n"
        "before = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (64 * KB, before[1]))\n"
        "told('resp_2', size=512 * KB)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, before)\n"
        "told('resp_3', size=512 * KB)\n"
        "print(asyncio.run(store.get('resp_1', '')).id)\n"
    )
    told = output(python(script, path))
    assert (told[0], *told[2:]) == ("stored", "stored", "resp_1")
    assert re.search(r"stored in .*state\.db: (disk I/O error; look|database or disk is full; free)", told[1])


@posix
def test_a_full_disk_at_the_start_is_told_and_passes(path: Path) -> None:
    script = (
        "import logging, resource\n"
        "logging.basicConfig(format='%(levelname)s %(message)s', stream=sys.stdout)\n"
        "before = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))\n"
        "store.open()\n"
        "told('resp_1')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, before)\n"
        "told('resp_1')\n"
    )
    told = output(python(script, path))
    assert told[0] == f"WARNING {told[1]}"
    assert "or send `store: false`" in told[1]
    assert told[2:] == ["stored"]


@posix
def test_a_file_that_may_not_be_used_is_set_aside() -> None:
    script = (
        "where = Path(sys.argv[1])\n"
        "where.touch(0)\n"
        "if os.geteuid() == 0: os.seteuid(65534)\n"  # modes do not bind root
        "told('resp_1')\n"
        "print(*sorted(one.name for one in where.parent.iterdir()))\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        told = output(python(script, Path(folder) / "state.db"))
    assert "unable to open database file; the file is now" in told[0]
    assert told[1:] == ["stored", f"state.db state.db-journal state.db.aside-{NOW_S}"]


@posix
def test_a_directory_without_the_right_to_write_is_told_and_it_works_again_afterwards(tmp_path: Path) -> None:
    script = (
        "where, root = Path(sys.argv[1]).parent, os.geteuid() == 0\n"
        "where.chmod(0o500)\n"
        "if root: os.seteuid(65534)\n"  # modes do not bind root
        "told('resp_1')\n"
        "if root: os.seteuid(0)\n"
        "where.chmod(0o700)\n"
        "told('resp_2')\n"
    )
    (tmp_path / "kept").mkdir()
    told = output(python(script, tmp_path / "kept" / "state.db"))
    assert re.fullmatch(r"responses cannot be stored in .*: Permission denied; let the proxy's user write .*", told[0])
    assert told[1:] == ["stored"]


@pytest.mark.parametrize("place", ["file/state.db", "directory"])
def test_a_place_where_no_file_can_be_is_told_at_the_start(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "directory").mkdir()
    store = SqliteStore(tmp_path / place, Limits(MB, 60), Clock())
    with pytest.raises(StateError, match=rf"responses cannot be stored in .*{place}: .*; let the proxy's user write"):
        store.open()
    assert not [thread for thread in store._thread._threads if thread.is_alive()]


def test_a_file_that_is_no_database_is_set_aside(
    opening: Opening, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(b"my thesis " * 1000)

    async def scene() -> None:
        store = opening()
        await store.put(response("resp_1"))
        assert await there(store, 1) == [1]

    with caplog.at_level(logging.WARNING, "argo_proxy"):
        run(scene())
    [line] = caplog.messages
    assert re.fullmatch(rf"stored responses: .*state\.db: file is not a database; .*state\.db\.aside-{NOW_S}, .*", line)
    assert Path(f"{path}.aside-{NOW_S}").read_bytes() == b"my thesis " * 1000


def test_a_file_damaged_in_use_is_set_aside_and_nothing_new_is_lost(
    opening: Opening, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        store = opening()
        await fill(store)
        damage(path)
        await store.put(response("resp_99"))
        assert await there(store, 1, 99) == [99]

    with caplog.at_level(logging.WARNING, "argo_proxy"):
        run(scene())
    assert len(caplog.messages) == 1
    assert Path(f"{path}.aside-{NOW_S}").stat().st_size > 500 * KB


def test_a_file_damaged_meanwhile_is_set_aside_at_the_start(
    opening: Opening, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(store_in(path)) as store:
        run(fill(store))
    damage(path)
    with caplog.at_level(logging.WARNING, "argo_proxy"):
        run(opening().put(response("resp_99")))
    assert len(caplog.messages) == 1
    assert Path(f"{path}.aside-{NOW_S}").stat().st_size > 500 * KB


@posix
def test_a_file_that_another_process_has_set_aside_is_not_written_any_more(opening: Opening, path: Path) -> None:
    here, elsewhere = opening(), opening()
    run(here.put(response("resp_1")))
    set_aside(path, NOW_S)
    run(elsewhere.put(response("resp_2")))
    run(here.put(response("resp_3")))

    async def scene() -> None:
        assert await there(here, 1, 2, 3) == await there(elsewhere, 1, 2, 3) == [2, 3]

    run(scene())


@posix
def test_a_file_that_was_deleted_is_begun_anew(opening: Opening, path: Path) -> None:
    store = opening()
    run(store.put(response("resp_1")))
    for one in path.parent.iterdir():
        one.unlink()
    run(store.put(response("resp_2")))
    assert path.exists()

    async def scene() -> None:
        assert await there(store, 1, 2) == [2]

    run(scene())
