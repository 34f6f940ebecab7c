"""Whoever listens at an address, it is found out in a moment."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

import pytest

from argo_proxy.cli import neighbour
from argo_proxy.cli.neighbour import Nobody, Ours, Stranger, as_object, ask, neighbour_at


@contextmanager
def saying(answer: bytes) -> Iterator[str]:
    """A server that gives this answer to one connection; nothing: it stays silent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)
                if not answer:
                    done.wait(10)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        done.set()
        thread.join(10)


def json_answer(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


def test_a_proxy_tells_its_version() -> None:
    with saying(json_answer(b'{"version": "1.2", "latest": null, "update_available": false}')) as address:
        assert neighbour_at(address) == Ours("1.2")


@pytest.mark.parametrize(
    "answer",
    [
        json_answer(b"<html>"),
        json_answer(b"[]"),
        json_answer(b'{"version": "1.2"}'),
        json_answer(b'{"version": "1.2", "latest": null, "update_available": false}', b"404 Not Found"),
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        json_answer(b"[" * 100_000),
    ],
    ids=lambda answer: repr(answer[:40]),
)
def test_every_other_program_is_a_stranger(answer: bytes) -> None:
    with saying(answer) as address:
        assert neighbour_at(address) == Stranger()


def test_one_that_keeps_silent_is_a_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbour, "LIMIT_S", 0.05)
    with saying(b"") as address:
        assert neighbour_at(address) == Stranger()


def test_where_nothing_listens_there_is_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert neighbour_at(f"http://127.0.0.1:{port}") == Nobody()
    assert neighbour_at("http://no-such-host.invalid:80") == Nobody()


def test_a_key_is_shown_and_an_http_proxy_of_the_environment_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with saying(json_answer(b'{"a": 1}')) as address:
        assert ask(address, "/x", "secret") == (200, {"a": 1})
    with saying(b"junk\r\n\r\n") as address, pytest.raises(HTTPException):
        ask(address, "/x")


def test_only_an_object_is_one() -> None:
    assert as_object(b'{"a": null}') == {"a": None}
    assert [as_object(body) for body in (b"", b"[]", b"\xff", b"7")] == [None] * 4
