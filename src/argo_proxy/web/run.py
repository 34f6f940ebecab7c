"""One response that is made in the background, as it stands and with all that has been told of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import time

from argo_proxy.canonical.errors import ProxyError
from argo_proxy.canonical.events import Events, ReplyFailed
from argo_proxy.dialects import openai_responses as dialect
from argo_proxy.relay import Prepared

_AT_ONCE = 64
"""So many events are sent before the next look whether their reader keeps up."""


class Run:
    """Its events are kept, so that who follows them may come late, or again. `unwanted`: its owner has cancelled it."""

    def __init__(self, prepared: Prepared, owner: str, reply_id: str) -> None:
        self.prepared = prepared
        self.owner = owner
        self.reply_id = reply_id
        self.unwanted = False
        self._renderer = dialect.ResponseStream(prepared.request, reply_id, int(time()))
        self._ended = False
        self._told: list[bytes] = []
        self._news = asyncio.Event()
        self._tell(self._renderer.queue())

    @property
    def size(self) -> int:
        """The bytes of the events that are kept."""
        return sum(map(len, self._told))

    @property
    def response(self) -> dialect.Response:
        """The response object as it stands."""
        return self._renderer.response

    def hear(self, events: Events) -> bool:
        """Tell the next events of the reply. There is always room for more. Raises the reply's error."""
        for event in events:
            if isinstance(event, ReplyFailed):
                raise event.error
            self._tell(self._renderer.feed(0, event))
        return True

    def conclude(self) -> None:
        """The reply is complete; `end` tells so."""
        self._renderer.conclude(int(time()))

    def cancel(self) -> None:
        """The owner wants no more of it."""
        self._renderer.cancel()

    def fail(self, error: ProxyError) -> None:
        """The reply broke off."""
        self._tell(self._renderer.feed(0, ReplyFailed(error)))

    def end(self) -> None:
        """Tell the whole response, if it has become whole; nothing follows."""
        if self.response.status in ("completed", "incomplete"):
            self._tell(self._renderer.finish())
        self._ended = True
        self._wake()

    async def events_from(self, number: int) -> AsyncIterator[bytes]:
        """The events from this number on, with those that are still to come."""
        while True:
            news, new = self._news, self._told[number : number + _AT_ONCE]
            if new:
                number += len(new)
                yield b"".join(new)
            elif self._ended:
                return
            else:
                await news.wait()

    def _tell(self, frames: bytes) -> None:
        self._told += [b"%s\n\n" % frame for frame in frames.split(b"\n\n") if frame]
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
