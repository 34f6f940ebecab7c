"""Responses in the background: a store that can be held up, and the calls that they are made of."""

from __future__ import annotations

import asyncio

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.chat import ChatRequest, Reply, Text, Usage
from argo_proxy.canonical.errors import StateError
from argo_proxy.dialects.openai_responses import parse
from argo_proxy.relay.prepared import Prepared
from argo_proxy.relay.shaping import prepare
from argo_proxy.state import Limits, MemoryStore, StoredResponse
from tests.known import card, shaped
from tests.state.keeping import Clock

REPLY = Reply((Text("one "), Text("two")), "stop", Usage(7, 5, estimated=False))


def prepared(body: bytes = b'{"model": "argo:gpt-4o", "input": "hi", "background": true, "stream": true}') -> Prepared:
    return ready(parse(body))


def ready(request: ChatRequest) -> Prepared:
    return prepare(shaped(request, card("argo:gpt-4o")), Caller("me"), real_stream=True)


def memory_store() -> MemoryStore:
    return MemoryStore(Limits(2**20, 3600), Clock(0))


class SlowStore(MemoryStore):
    """Takes a response when it is `open`, as a file does on a busy disk; `broken`, it takes none."""

    def __init__(self) -> None:
        super().__init__(Limits(2**20, 3600), Clock(0))
        self.open = asyncio.Event()
        self.open.set()
        self.waiting = 0
        self.broken = False

    async def put(self, response: StoredResponse) -> None:
        self.waiting += 1
        await self.open.wait()
        self.waiting -= 1
        if self.broken:
            raise StateError("the disk is full")
        await super().put(response)
