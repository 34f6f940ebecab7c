"""An answer that has to fulfil something: read whole, checked, asked for once more if need be, and only then told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from argo_proxy.canonical.chat import Reply, Usage
from argo_proxy.canonical.errors import ProxyError
from argo_proxy.canonical.events import Collector, Event, Events, ReplyFailed, tell
from argo_proxy.canonical.spokes import Check, Mismatch
from argo_proxy.relay.answer import Answer
from argo_proxy.relay.shaping import Prepared
from argo_proxy.transforms.small_pieces import SmallPiecesStage

AskAgain: TypeAlias = Callable[[Reply, str], Awaitable[Answer]]
"""Sends the call again, with the reply that it brought and the complaint about it."""


class CheckedAnswer:
    """Is read as an `Answer` is, and closes the call to ARGO when it is left."""

    def __init__(self, answer: Answer, prepared: Prepared, again: AskAgain) -> None:
        self.ended = False
        self._answer = answer
        self._again = again
        self._checks = prepared.shaped.checks
        self._in_pieces = prepared.request.stream

    def __enter__(self) -> CheckedAnswer:
        return self

    def __exit__(self, *_: object) -> None:
        self._answer.__exit__()

    async def next(self) -> Events:
        """All events at once; never fails, for a failure is an event too."""
        self.ended = True
        try:
            events = tell(await self._reply())
        except ProxyError as error:
            return (ReplyFailed(error),)
        return _in_pieces(events) if self._in_pieces else events

    async def _reply(self) -> Reply:
        first = await _whole(self._answer)
        try:
            return await asyncio.to_thread(_checked, first, self._checks)
        except Mismatch as mismatch:
            complaint = mismatch.complaint
        with await self._again(first, complaint) as answer:
            second = await _whole(answer)
        try:
            fitting = await asyncio.to_thread(_checked, second, self._checks)
        except Mismatch as mismatch:
            raise mismatch.error from mismatch
        return replace(fitting, usage=_sum(first.usage, second.usage))


async def _whole(answer: Answer) -> Reply:
    collector = Collector()
    while not answer.ended:
        for event in await answer.next():
            collector.feed(event)
    return collector.result()


def _checked(reply: Reply, checks: Sequence[Check]) -> Reply:
    for check in checks:
        reply = check(reply)
    return reply


def _sum(first: Usage, second: Usage) -> Usage:
    return Usage(
        first.input_tokens + second.input_tokens,
        first.output_tokens + second.output_tokens,
        first.estimated or second.estimated,
    )


def _in_pieces(events: Events) -> Events:
    stage = SmallPiecesStage()
    pieces: list[Event] = []
    for event in events:
        pieces += stage.feed(event)
    return pieces
