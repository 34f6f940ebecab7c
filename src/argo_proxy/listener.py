"""The socket that clients connect to: bound before anything else starts, so that a busy port is told at once."""

from __future__ import annotations

import errno
import os
import shlex
import socket
import stat
import sys
from pathlib import Path
from typing import TypeAlias, cast

from argo_proxy.occupant import occupant

BACKLOG = 4096
_Address: TypeAlias = tuple[str, int] | tuple[str, int, int, int]
_TAKEN = "another program has this port; choose another with --port, or 0 for any free one"

_PRIVATE = "~/.local/state/argoproxy/run/proxy.sock"


class ListenError(Exception):
    """The address cannot be had; the text says why, and what to do."""


class PortTaken(ListenError):
    """Another program listens there."""


def listen(host: str, port: int, path: str | None) -> socket.socket:
    """A listening socket at a path, else at host and port. Raises ListenError."""
    return _listen_at_path(Path(path).expanduser()) if path else _listen_at_port(host, port)


def listen_apart(host: str, port: int, path: str | None, count: int) -> list[socket.socket]:
    """A socket for each of so many processes. Raises ListenError.

    Linux spreads connections over sockets of one port. Elsewhere, and at a path, all share one: whoever is quicker
    gets the connection.
    """
    one = listen(host, port, path)
    if count == 1 or path or not sys.platform.startswith("linux"):
        return [one] * count
    address = one.getsockname()
    one.close()  # by now it is certain that nobody else listens there
    return [_bound(one.family, address, socket.SO_REUSEADDR, socket.SO_REUSEPORT) for _ in range(count)]


def address_of(listener: socket.socket, host: str) -> str:
    """What to write into a client as its base address, without `/v1`."""
    if listener.family not in (socket.AF_INET, socket.AF_INET6):
        return f"unix:{listener.getsockname()}"
    return address_at(host, listener.getsockname()[1])


def address_at(host: str, port: int) -> str:
    """The same of a host to listen on: where it means every address, this machine's own."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def _listen_at_port(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise ListenError(
            f"cannot listen on {host}: {error.strerror}; `host` must be an address of this machine"
        ) from error
    # On Windows the option would let two programs share a port.
    options = (socket.SO_REUSEADDR,) if os.name == "posix" else ()
    return _bound(family, cast("_Address", address), *options)


def _bound(family: int, address: _Address, *options: int) -> socket.socket:
    """A socket that listens there. Raises ListenError."""
    host, port = address[:2]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        for option in options:
            listener.setsockopt(socket.SOL_SOCKET, option, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"cannot listen on {host}:{port}: {_TAKEN} ({occupant(port)})") from error
        raise ListenError(f"cannot listen on {host}:{port}: {_cure(error)}") from error
    return listener


def _cure(error: OSError) -> str:
    match error.errno:
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address; --host 127.0.0.1 always works"
        case errno.EACCES:
            return "ports below 1024 need special rights; choose one above with --port"
        case _:
            return str(error.strerror)


def _listen_at_path(path: Path) -> socket.socket:
    _make_private(path.parent)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ListenError(f"cannot listen at {path}: {error.strerror}") from error
    return listener


def _make_private(folder: Path) -> None:
    """The folder keeps strangers out: the permissions of a socket alone do not, on every system."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError as error:
        raise ListenError(f"cannot make the folder {folder}: {error.strerror}") from error
    if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
        closing = f", or: chmod 700 {shlex.quote(str(folder))}" if _may_be_closed(folder, status) else ""
        raise ListenError(f"others can enter {folder}; choose a folder of your own, as in {_PRIVATE}{closing}")


def _may_be_closed(folder: Path, status: os.stat_result) -> bool:
    """Whether nobody misses a way into it: one's own, and with nothing in it but sockets."""
    needed = (os.curdir, os.path.expanduser("~"), os.sep)
    return (
        status.st_uid == os.getuid()
        and not status.st_mode & stat.S_ISVTX
        and not any(os.path.exists(place) and folder.samefile(place) for place in needed)
        and os.access(folder, os.R_OK)
        and all(entry.is_socket() for entry in folder.iterdir())
    )


def _remove_stale(path: Path) -> None:
    """Removes the socket of a process that is no more. Raises OSError when one still listens there."""
    if not os.path.lexists(path):
        return
    if not path.is_socket():
        raise OSError(errno.EADDRINUSE, "there is a file that is no socket; choose another path, or move it away")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink()
            return
    raise OSError(errno.EADDRINUSE, "another program listens there")
