"""An answer that has to fulfil something: read whole, checked, asked for once more if need be, and only then told.

What is decided on the way is pure: `checked` the first reply, or else `mended` by the second, and then `told`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TypeAlias

from msgspec.structs import replace

from argo_proxy.canonical.chat import Reply, Usage
from argo_proxy.canonical.collector import Collector, tell
from argo_proxy.canonical.errors import ProxyError
from argo_proxy.canonical.events import Events, ReplyFailed
from argo_proxy.canonical.spokes import Check, Mismatch
from argo_proxy.relay.answer import Answer, Tell
from argo_proxy.relay.prepared import Prepared
from argo_proxy.transforms.small_pieces import SmallPiecesStage

AskAgain: TypeAlias = Callable[[Reply, str], Awaitable[Answer]]
"""Sends the call again, with the reply that it brought and the complaint about it."""


class CheckedAnswer:
    """Is read as an `Answer` is, and closes the call to ARGO when it is left."""

    def __init__(self, answer: Answer, prepared: Prepared, again: AskAgain, checking: Executor) -> None:
        """`checking` is where checks run: some take long, and nothing else may wait for them."""
        self.ended = False
        self._answer = answer
        self._again = again
        self._checking = checking
        self._checks = prepared.checks
        self._in_pieces = prepared.request.stream

    def __enter__(self) -> CheckedAnswer:
        return self

    def __exit__(self, *_: object) -> None:
        self._answer.__exit__()

    async def more(self, tell: Tell) -> None:
        """Tell all events at once; a failure is an event too. Raises what `tell` raises."""
        self.ended = True
        try:
            events = told(await self._reply(), in_pieces=self._in_pieces)
        except ProxyError as error:
            events = (ReplyFailed(error),)
        tell(events)

    async def _reply(self) -> Reply:
        first = await _whole(self._answer)
        try:
            return await self._run(partial(checked, first, self._checks))
        except Mismatch as mismatch:
            complaint = mismatch.complaint
        with await self._again(first, complaint) as answer:
            second = await _whole(answer)
        return await self._run(partial(mended, first, second, self._checks))

    async def _run(self, check: Callable[[], Reply]) -> Reply:
        return await asyncio.get_running_loop().run_in_executor(self._checking, check)


async def _whole(answer: Answer) -> Reply:
    collector = Collector()
    while not answer.ended:
        await answer.more(collector.gather)
    return collector.result()


def checked(reply: Reply, checks: Sequence[Check]) -> Reply:
    """The reply as the client may have it. Raises Mismatch for one that has to be asked for again."""
    for check in checks:
        reply = check(reply)
    return reply


def mended(first: Reply, second: Reply, checks: Sequence[Check]) -> Reply:
    """The second reply, with what both have cost. Raises the error of what still does not fit."""
    try:
        fitting = checked(second, checks)
    except Mismatch as mismatch:
        raise mismatch.error from mismatch
    return replace(fitting, usage=_sum(first.usage, second.usage))


def told(reply: Reply, *, in_pieces: bool) -> Events:
    """The events of a checked reply, cut into small pieces for a client that streams."""
    events = tell(reply)
    if not in_pieces:
        return events
    stage = SmallPiecesStage()
    return [piece for event in events for piece in stage.feed(event)]


def _sum(first: Usage, second: Usage) -> Usage:
    return Usage(
        first.input_tokens + second.input_tokens,
        first.output_tokens + second.output_tokens,
        first.estimated or second.estimated,
    )
