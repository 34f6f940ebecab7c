"""ASGI's lifespan protocol: what happens between the start of the event loop and its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from argo_proxy.web.http import Receive, Send


async def live(receive: Receive, send: Send, start: Callable[[], Awaitable[None]], stop: Callable[[], None]) -> None:
    """Start when the server says so, stop when it says so."""
    await receive()
    await start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    stop()
    await send({"type": "lifespan.shutdown.complete"})
