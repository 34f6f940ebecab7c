"""What the processes that serve together tell each other. One that serves alone has nobody to tell."""

from __future__ import annotations

from typing import Protocol, TypeAlias

RunKey: TypeAlias = tuple[str, str]
"""Owner and id of a response that is made in the background."""


class Bulletin(Protocol):
    """Where a process puts up what concerns the others."""

    def began(self, run: RunKey) -> None:
        """This process makes the response."""

    def ended(self, run: RunKey) -> None:
        """It makes it no more."""

    def unwanted(self, run: RunKey) -> None:
        """The response is not wanted any more, whoever makes it."""

    def refreshed(self) -> None:
        """Somebody has asked for the models to be read anew."""


class Alone(Bulletin):
    """Nobody reads it."""
