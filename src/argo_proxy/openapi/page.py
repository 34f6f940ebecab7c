"""`GET /openapi.json`."""

from __future__ import annotations

import asyncio

from argo_proxy.web.http import Http


class Description:
    """Shows the document. `keyed`: whether this proxy needs a key."""

    def __init__(self, *, keyed: bool) -> None:
        self._keyed = keyed

    async def show(self, http: Http) -> None:
        http.respond(200, await asyncio.to_thread(_document, self._keyed))


def _document(keyed: bool) -> bytes:
    from argo_proxy.openapi.document import document  # few ever want it, and nobody at the start

    return document(keyed=keyed)
