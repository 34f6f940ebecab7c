"""What befalls the file of stored responses costs those alone: no chat, no process, and all of it is told."""

from __future__ import annotations

import http.client
import json
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.proxying import CHAT, DEADLINE_S, Proxy, proxying, said
from tests.simulator.running import Answer

RESPONSES = "/v1/responses"
KB = 1024
ROOM, NO_ROOM = 1024 * KB, 256 * KB


def asked(text: str = "hi", **more: object) -> dict[str, object]:
    return {"model": "argo:gpt-4o", "input": text, **more}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def keeping(gateway_url: str, tmp_path: Path, path: Path) -> Iterator[Proxy]:
    with proxying(tmp_path, gateway_url, state_url=f"sqlite:///{path}") as running:
        yield running


def keep(proxy: Proxy, **more: object) -> str:
    """The id of a response that is stored."""
    answer = proxy.ask("POST", RESPONSES, asked(**more))
    assert answer.status == 200, answer.body
    return answer.json["id"]


def shown(proxy: Proxy, response_id: str) -> int:
    return proxy.ask("GET", f"{RESPONSES}/{response_id}").status


def goes_on(proxy: Proxy) -> None:
    """All that needs no store."""
    assert proxy.ask("POST", CHAT, said("hi")).status == 200
    assert proxy.ask("POST", RESPONSES, asked(store=False)).status == 200
    assert proxy.ask("GET", "/health").status == 200


def refused(answer: Answer) -> str:
    """The message of a refusal to store."""
    assert (answer.status, answer.json["error"]["code"]) == (503, "state_unavailable")
    assert set(answer.json["error"]) == {"message", "type", "param", "code"}
    return answer.json["error"]["message"]


def allow_size(proxy: Proxy, size: int) -> None:
    """How large a file this process may write: beyond that it fares as on a full disk."""
    import resource

    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.prlimit(proxy.process.pid, resource.RLIMIT_FSIZE, (size, hard))


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process")
def test_a_full_disk_costs_what_is_to_be_stored_and_nothing_else_until_there_is_room_again(keeping: Proxy) -> None:
    first = keep(keeping)
    large = "x" * NO_ROOM
    allow_size(keeping, NO_ROOM)
    message = refused(keeping.ask("POST", RESPONSES, asked(large)))
    assert "state.db: " in message
    assert "disk" in message
    assert message.endswith("or send `store: false`")
    streamed = keeping.ask("POST", RESPONSES, asked(large, stream=True))
    last = json.loads(streamed.body.rpartition(b"data: ")[2])
    assert (last["type"], last["response"]["error"]["message"]) == ("response.failed", message)
    assert on_one_connection(keeping, asked(large, stream=True), asked("hi", store=False)) == [200, 200]
    goes_on(keeping)
    assert shown(keeping, first) == 200
    allow_size(keeping, ROOM)
    assert shown(keeping, keep(keeping, text=large)) == 200
    assert shown(keeping, first) == 200


def on_one_connection(proxy: Proxy, *bodies: object) -> list[int]:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=DEADLINE_S)
    connection.connect()
    opened, statuses = connection.sock, []
    for body in bodies:
        connection.request("POST", RESPONSES, json.dumps(body))
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
        assert connection.sock is opened
    connection.close()
    return statuses


def test_a_useless_file_is_set_aside_at_the_start_with_a_word_where(
    gateway_url: str, tmp_path: Path, path: Path
) -> None:
    path.write_bytes(b"my thesis " * 1000)
    with proxying(tmp_path, gateway_url, state_url=f"sqlite:///{path}") as proxy:
        aside = re.findall(r"the file is now (\S*\.aside-\d+), and a new one begins", proxy.log.text)
        assert Path(aside[0]).read_bytes() == b"my thesis " * 1000
        assert shown(proxy, keep(proxy)) == 200


def overwrite(path: Path) -> None:
    path.write_bytes(b"\xa5" * path.stat().st_size)


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 99")


def without_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TABLE responses")


def vanish(path: Path) -> None:
    path.unlink()


def as_an_empty_file(path: Path) -> None:
    path.unlink()
    path.touch()


def as_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


BEFALLING = (overwrite, halve, empty, newer, without_tables, vanish, as_an_empty_file, as_a_folder)


def test_whatever_befalls_the_file_while_it_serves_ends_neither_process_nor_chat(keeping: Proxy, path: Path) -> None:
    for befall in BEFALLING:
        known = [keep(keeping, text="x" * 20 * KB) for _ in range(3)]
        befall(path)
        assert {shown(keeping, one) for one in known} <= {200, 404, 503}
        answer = keeping.ask("POST", RESPONSES, asked())
        if answer.status != 200:
            assert str(path) in refused(answer), befall.__name__
        goes_on(keeping)
        if path.is_dir():
            path.rmdir()
        assert shown(keeping, keep(keeping)) == 200, befall.__name__
    assert "Traceback" not in keeping.log.text


def test_what_befalls_the_files_beside_it_is_nothing_to_it(keeping: Proxy, path: Path) -> None:
    """A file that is mapped into memory and truncated would end the process."""
    for damage in (overwrite, halve, empty):
        known = keep(keeping, text="x" * 20 * KB)
        for beside in path.parent.glob("state.db-*"):
            damage(beside)
        assert shown(keeping, known) == 200
