"""Gives every call in an answer an id in OpenAI's form that no other call of the conversation has."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest
from argo_proxy.canonical.events import Event, Events, ToolCallStarted
from argo_proxy.canonical.spokes import Transformed

PREFIX = "call_"


def transform(request: ChatRequest, _: ModelCard, *, new_id: Callable[[], str]) -> Transformed:
    """`new_id` makes a new id of a call each time."""
    if not request.tools:
        return Transformed(request)
    return Transformed(request, lambda: CallIdStage(_past_ids(request), new_id))


class CallIdStage:
    """Replaces the ids that are in use, missing, or of another form than OpenAI's."""

    def __init__(self, used: Iterable[str], new_id: Callable[[], str]) -> None:
        self._used = set(used)
        self._new_id = new_id

    def feed(self, event: Event) -> Events:
        match event:
            case ToolCallStarted(call_id, name):
                if call_id in self._used or not call_id.startswith(PREFIX):
                    call_id = self._new_id()
                self._used.add(call_id)
                return (ToolCallStarted(call_id, name),)
            case _:
                return (event,)


def _past_ids(request: ChatRequest) -> Iterable[str]:
    return (call.call_id for message in request.messages for call in message.calls)
