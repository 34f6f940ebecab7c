"""Pairs the calls of a conversation with their results. Law of what comes out:

A turn of the assistant that makes calls is followed by one turn of the role `tool`, with one result for each call, in
the order of the calls. Nowhere else are there results. Ids are unique and such as every provider takes.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from msgspec.structs import replace

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Content, Message, Text, ToolCall, ToolResult
from argo_proxy.canonical.spokes import Transformed

SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")  # Anthropic's characters, OpenAI's length
NO_RESULT = Text("(no result: the call was interrupted)")
STRAY = Text("(the result of a tool call that is not part of this conversation any more)")


def transform(request: ChatRequest, _: ModelCard) -> Transformed:
    """The request with its calls and results in pairs; says so where one of them had no other half."""
    if not has_rounds(request):
        return Transformed(request)
    pairing = _Pairing(request.messages)
    messages = tuple(pairing.messages())
    repaired = ("tool history repaired",) if pairing.incomplete else ()
    return Transformed(replace(request, messages=messages).changed(*repaired))


def has_rounds(request: ChatRequest) -> bool:
    """Whether there are calls or results in its conversation."""
    return any(message.role == "tool" or message.calls for message in request.messages)


class _Call:
    """A call, the id that it goes by from now on, and what results were found for it."""

    def __init__(self, call: ToolCall, call_id: str) -> None:
        self.call = replace(call, call_id=call_id)
        self.content: list[Content] = []
        self.answered = False

    def answer(self, result: ToolResult) -> None:
        self.content += result.content
        self.answered = True

    def result(self) -> ToolResult:
        return ToolResult(self.call.call_id, tuple(self.content) if self.answered else (NO_RESULT,))


class _Pairing:
    """`incomplete` once a call without a result was told, or a result without a call."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.incomplete = False
        self._messages = messages
        self._used: set[str] = set()
        self._spare = count(1)
        self._calls: dict[int, list[_Call]] = {}
        self._strays: dict[int, list[ToolResult]] = {}
        self._find_pairs()

    def messages(self) -> Iterator[Message]:
        """The conversation as the law has it."""
        for at, message in enumerate(self._messages):
            if message.role == "tool":
                for stray in self._strays.get(at, ()):
                    self.incomplete = True
                    yield Message("user", (STRAY, *stray.content))
            elif at in self._calls:
                yield from self._round(message, self._calls[at])
            else:
                yield message

    def _round(self, message: Message, calls: Sequence[_Call]) -> Iterator[Message]:
        self.incomplete = self.incomplete or not all(call.answered for call in calls)
        said = tuple(part for part in message.parts if not isinstance(part, ToolCall))
        yield replace(message, parts=(*said, *(call.call for call in calls)))
        yield Message("tool", tuple(call.result() for call in calls))

    def _find_pairs(self) -> None:
        """A result belongs to the nearest earlier turn with a call of its id, whatever stands between them."""
        latest: dict[str, deque[_Call]] = {}
        for at, message in enumerate(self._messages):
            if message.calls:
                calls = [(call.call_id, _Call(call, self._id(call.call_id))) for call in message.calls]
                self._calls[at] = [call for _, call in calls]
                latest |= _by_id(calls)
            for part in message.parts:
                if isinstance(part, ToolResult):
                    self._answer(at, part, latest.get(part.call_id))

    def _answer(self, at: int, result: ToolResult, calls: deque[_Call] | None) -> None:
        """Calls of one id are answered in order; what is left over goes to the last of them."""
        if calls is None:
            self._strays.setdefault(at, []).append(result)
            return
        (calls.popleft() if len(calls) > 1 else calls[0]).answer(result)

    def _id(self, call_id: str) -> str:
        """The id, or another where it was used before or a provider would refuse it."""
        if call_id in self._used or not SAFE_ID.fullmatch(call_id):
            call_id = next(spare for number in self._spare if (spare := f"call_{number}") not in self._used)
        self._used.add(call_id)
        return call_id


def _by_id(calls: Iterable[tuple[str, _Call]]) -> dict[str, deque[_Call]]:
    grouped: dict[str, deque[_Call]] = {}
    for call_id, call in calls:
        grouped.setdefault(call_id, deque()).append(call)
    return grouped
