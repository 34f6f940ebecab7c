"""Ports that can be had here."""

import random
from collections.abc import Iterator

from argo_proxy.listener import ListenError, PortTaken, listen
from argo_proxy.settings import checks

LOWEST, HIGHEST = 10_000, 32_000  # below those that Linux gives to outgoing connections, so that it stays free
TRIES = 100


def random_port(host: str) -> int:
    """A free one; 0, which asks the system for one at each start, in the odd case that none is found."""
    return next((port for port in candidates() if taken(host, port) is None), 0)


def candidates() -> Iterator[int]:
    return (random.randint(LOWEST, HIGHEST) for _ in range(TRIES))


def check_host(host: str) -> None:
    """Raises ListenError when no port at all can be had there."""
    listen(host, 0, None).close()


def trouble(host: str, port: int) -> str | None:
    """Why the port cannot be had at this address, or None."""
    try:
        listen(host, port, None).close()
    except ListenError as error:
        return str(error)
    return None


def taken(host: str, port: int) -> str | None:
    """What to say of another program that has the port, if one has."""
    try:
        listen(host, port, None).close()
    except PortTaken as error:
        return str(error)
    except ListenError:
        return None
    return None


def port_of(answer: str) -> int:
    """The number that somebody has typed. Raises CheckError."""
    return checks.whole(1, 65535)(answer)
