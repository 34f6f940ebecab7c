from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from argo_proxy.listener import ListenError, address_of, listen

on_unix = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="Unix sockets")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Short, for the path of a socket has 104 bytes at most."""
    private = tmp_path / "p"
    private.mkdir(mode=0o700)
    return private


def connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def test_port_0_takes_a_free_one_that_the_address_tells() -> None:
    with listen("127.0.0.1", 0, None) as listener:
        port = listener.getsockname()[1]
        assert port > 0
        assert address_of(listener, "127.0.0.1") == f"http://127.0.0.1:{port}"
        with socket.create_connection(("127.0.0.1", port)):
            pass


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("localhost", "localhost"),
        ("::1", "[::1]"),
        ("lab.example", "lab.example"),
    ],
)
def test_the_address_is_one_that_a_client_can_use(host: str, shown: str) -> None:
    with listen("127.0.0.1", 0, None) as listener:
        assert address_of(listener, host) == f"http://{shown}:{listener.getsockname()[1]}"


def test_a_busy_port_is_an_error_with_its_cure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenError, match=f"127.0.0.1:{port}: another program has this port; .* --port"):
            listen("127.0.0.1", port, None)


def test_a_port_is_free_again_as_soon_as_its_listener_is_closed() -> None:
    with listen("127.0.0.1", 0, None) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            listener.accept()[0].close()
            assert client.recv(1) == b""
    listen("127.0.0.1", port, None).close()


def test_an_address_of_another_machine_is_an_error_with_its_cure() -> None:
    with pytest.raises(ListenError, match=r"no such address; --host 127\.0\.0\.1 always works"):
        listen("192.0.2.1", 0, None)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may have any port")
def test_a_port_that_needs_rights_is_an_error_with_its_cure() -> None:
    with pytest.raises(ListenError, match="special rights"):
        listen("127.0.0.1", 1, None)


def test_a_host_that_is_none_is_an_error() -> None:
    with pytest.raises(ListenError, match="`host` must be an address of this machine"):
        listen("256.0.0.1", 0, None)


@on_unix
def test_a_socket_is_made_in_a_folder_of_its_own_that_is_made_private(folder: Path) -> None:
    path = folder / "new" / "s"
    with listen("", 0, str(path)) as listener:
        assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
        assert address_of(listener, "") == f"unix:{path}"
        assert connects(path)


@on_unix
@pytest.mark.parametrize("mode", [0o755, 0o711, 0o770, 0o707])
def test_a_folder_that_others_can_enter_is_refused(folder: Path, mode: int, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(mode)
    monkeypatch.setenv("HOME", str(folder / "nowhere"))
    with pytest.raises(ListenError, match=f"others can enter {folder}; choose .* chmod 700 {folder}"):
        listen("", 0, str(folder / "s"))
    assert not (folder / "s").exists()


def refusal(path: str) -> str:
    with pytest.raises(ListenError) as caught:
        listen("", 0, path)
    return str(caught.value)


@on_unix
def test_a_folder_that_others_need_is_not_to_be_closed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(0o1777)
    advice = "choose a folder of your own, as in ~/.local/state/argoproxy/run/proxy.sock"
    assert refusal(str(folder / "s")) == f"others can enter {folder}; {advice}"
    folder.chmod(0o755)
    (folder / "work.txt").touch()
    assert refusal(str(folder / "s")) == f"others can enter {folder}; {advice}"
    (folder / "work.txt").unlink()
    monkeypatch.chdir(folder)
    assert refusal("s") == f"others can enter .; {advice}"
    monkeypatch.chdir("/")
    monkeypatch.setenv("HOME", str(folder))
    assert refusal("~/s") == f"others can enter {folder}; {advice}"


@on_unix
def test_the_socket_of_a_process_that_is_no_more_is_replaced(folder: Path) -> None:
    path = folder / "s"
    listen("", 0, str(path)).close()
    assert path.is_socket()
    with listen("", 0, str(path)):
        assert connects(path)


@on_unix
def test_the_socket_of_a_living_process_is_never_taken(folder: Path) -> None:
    path = folder / "s"
    with listen("", 0, str(path)):
        with pytest.raises(ListenError, match=f"cannot listen at {path}"):
            listen("", 0, str(path))
        assert connects(path)


@on_unix
def test_a_file_that_is_no_socket_is_never_removed(folder: Path) -> None:
    path = folder / "s"
    path.write_text("precious")
    assert refusal(str(path)).startswith(f"cannot listen at {path}: there is a file that is no socket; ")
    assert path.read_text() == "precious"


@on_unix
def test_a_home_directory_may_be_written_as_a_tilde(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    with listen("", 0, "~/run/s"):
        assert (folder / "run" / "s").is_socket()


@on_unix
def test_a_folder_that_cannot_be_made_is_an_error(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(ListenError, match="cannot make the folder"):
        listen("", 0, str(folder / "file" / "s"))
