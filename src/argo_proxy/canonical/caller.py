"""Who asks."""

from __future__ import annotations

from msgspec import Struct


class Caller(Struct, frozen=True, gc=False):
    """`user`: the ARGO user in whose name a request goes. `client`: who shares turns fairly with others."""

    user: str
    client: str = ""
