"""What a supervisor and its workers say to each other. Values that can be sent from process to process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from argo_proxy.settings import Settings
from argo_proxy.web.bulletin import RunKey


@dataclass(frozen=True, slots=True)
class Stop:
    """Let answers finish, or end them `now`."""

    now: bool = False


@dataclass(frozen=True, slots=True)
class Adopt:
    """Serve with these settings from now on."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class Drop:
    """The response is not wanted any more, if it is made here."""

    run: RunKey


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Who made these responses is no more: keep that they have no end."""

    runs: tuple[RunKey, ...]


@dataclass(frozen=True, slots=True)
class Refresh:
    """Read the list of models anew."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker serves; `summary` is for people."""

    summary: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Adopted:
    """It serves with the new settings; `summary` is for people."""

    summary: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Began:
    """The worker makes this response in the background."""

    run: RunKey


@dataclass(frozen=True, slots=True)
class Ended:
    """It makes it no more."""

    run: RunKey


@dataclass(frozen=True, slots=True)
class Noted:
    """It is kept that these responses have no end."""

    runs: tuple[RunKey, ...]


Order: TypeAlias = Stop | Adopt | Drop | Interrupted | Refresh
"""From the supervisor."""
News: TypeAlias = Ready | Adopted | Began | Ended | Noted | Drop | Refresh
"""From a worker; the last two are for all others."""


class ToWorker(Protocol):
    """The supervisor's end of a line. Both methods raise OSError, and `recv` EOFError, when the other end is gone."""

    def send(self, obj: Order, /) -> None: ...
    def recv(self) -> News: ...


class ToSupervisor(Protocol):
    """The worker's end of it."""

    def send(self, obj: News, /) -> None: ...
    def recv(self) -> Order: ...
