"""Makes calls of those that stand in the text of a reply, and keeps the rest of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from argo_proxy.canonical.chat import UNCOUNTED, ToolCall
from argo_proxy.canonical.events import (
    ArgumentsDelta,
    Event,
    Events,
    PartEnded,
    ReplyFinished,
    TextDelta,
    TextStarted,
    ToolCallStarted,
)
from argo_proxy.transforms.embedded_calls import CallFinder, Found, Spelling


class CallStage:
    """White space around calls is no text; that of an answer without calls is kept. Calls properly made pass."""

    def __init__(self, spelling: Spelling) -> None:
        self._finder = CallFinder(spelling)
        self._open = False
        self._called = False
        self._making = False
        self._blank: list[str] = []

    def feed(self, event: Event) -> Events:
        if isinstance(event, ToolCallStarted):
            self._called = self._making = True
        if self._making:
            self._making = not isinstance(event, PartEnded)
            return (event,)
        match event:
            case TextStarted():
                return ()
            case TextDelta(text):
                return tuple(self._told(self._finder.feed(text)))
            case PartEnded():
                return (*self._told(self._finder.finish()), *self._ended())
            case ReplyFinished("stop", usage) if self._called:
                return (ReplyFinished("tool_calls", usage),)
            case _:
                return (event,)

    def _told(self, found: Sequence[Found]) -> Iterator[Event]:
        for piece in found:
            yield from self._text(piece) if isinstance(piece, str) else self._calls(piece)
        if self._finder.ended:
            yield from self._close()
            yield ReplyFinished("tool_calls", UNCOUNTED)

    def _text(self, text: str) -> Iterator[Event]:
        if not self._open:
            self._blank.append(text)
            if text.isspace():
                return
            text = "".join(self._blank)
            self._open = True
            yield TextStarted()
        yield TextDelta(text)

    def _calls(self, calls: Sequence[ToolCall]) -> Iterator[Event]:
        yield from self._close()
        self._called = True
        for call in calls:
            yield ToolCallStarted(call.call_id, call.name)
            yield ArgumentsDelta(call.arguments)
            yield PartEnded()

    def _ended(self) -> Iterator[Event]:
        if self._blank and not self._open and not self._called:
            self._open = True
            yield from (TextStarted(), TextDelta("".join(self._blank)))
        yield from self._close()

    def _close(self) -> Iterator[Event]:
        if self._open:
            yield PartEnded()
        self._open = False
        self._blank = []
