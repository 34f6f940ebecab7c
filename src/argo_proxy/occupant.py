"""Which program listens on a port, as far as this user may know. Linux tells in /proc; elsewhere a command does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_LISTENING = "0A"  # TCP_LISTEN of Linux, as /proc/net/tcp has it
_PROC = Path("/proc")


class Listener(NamedTuple):
    """A line of /proc/net/tcp."""

    port: int
    uid: int
    inode: str


def occupant(port: int) -> str:
    """The end of the sentence that begins with `it is`, or how to find out."""
    if sys.platform == "win32":
        return f"`netstat -ano | findstr :{port}` shows which"
    if not sys.platform.startswith("linux"):
        return f"`lsof -nP -iTCP:{port} -sTCP:LISTEN` shows which"
    found = [listener for listener in _listeners() if listener.port == port]
    return _described(found[0]) if found else "which one cannot be seen from here"


def _described(listener: Listener) -> str:
    """Of processes of others one sees whose they are, and no more."""
    for process in _PROC.glob("[0-9]*"):
        if _holds(process, listener.inode):
            return f"it is {_name(process)}, process {process.name}"
    return f"it is a program of {_user(listener.uid)}"


def _listeners() -> Iterator[Listener]:
    """See proc_pid_net(5): local address as HEX:HEX in the second column, then state, uid and inode."""
    for table in ("net/tcp", "net/tcp6"):
        for line in _text(_PROC / table).splitlines()[1:]:
            columns = line.split()
            if columns[3] == _LISTENING:
                yield Listener(int(columns[1].rpartition(":")[2], 16), int(columns[7]), columns[9])


def _holds(process: Path, inode: str) -> bool:
    try:
        return any(str(handle.readlink()) == f"socket:[{inode}]" for handle in (process / "fd").iterdir())
    except OSError:  # somebody else's, or just ended
        return False


def _name(process: Path) -> str:
    if "argo_proxy" in (words := _text(process / "cmdline")) or "argo-proxy" in words:
        return "argo-proxy"
    return _text(process / "comm").strip() or "a program"


def _user(uid: int) -> str:
    import pwd

    try:
        return f"user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user number {uid}"


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
