"""A streamed response: typed events, numbered from 0, whose item ids are those of the whole answer.

What ends a part is told with what comes after it, for only then it is known whether the part was cut off.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from argo_proxy.canonical.chat import ChatRequest, FinishReason, Text, ToolCall, Usage
from argo_proxy.canonical.errors import ProxyError
from argo_proxy.canonical.events import (
    ArgumentsDelta,
    Event,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
    ToolCallStarted,
)
from argo_proxy.dialects.openai_responses.items import OutputText
from argo_proxy.dialects.openai_responses.output import (
    Outlet,
    OutputCall,
    OutputCustomCall,
    OutputItem,
    OutputMessage,
    OutputSearch,
)
from argo_proxy.dialects.openai_responses.request import asked_in
from argo_proxy.dialects.openai_responses.response import begun, ended, failed, item_status

_encode = msgspec.json.encode


class ResponseStream:
    """`feed` the events of the one choice, then `finish`. `response` is the object as far as it is known."""

    def __init__(self, request: ChatRequest, reply_id: str, created_s: int) -> None:
        self.response = begun(request, reply_id, created_s)
        self._outlet = Outlet(reply_id, asked_in(request).toolbox)
        self._number = 0
        self._output: list[OutputItem] = []
        self._part: _OpenPart | None = None
        self._end: tuple[FinishReason, Usage] | None = None

    def feed(self, choice: int, event: Event) -> bytes:  # noqa: ARG002 (a response has one choice)
        """The frames that tell of this event; b"" when nothing has to be said yet."""
        if type(event) is TextDelta and self._part is not None:  # nearly all of them
            return self._number_in(self._part.take(event.text), b'"logprobs":[],"delta":%s}\n\n' % _encode(event.text))
        return b"".join(self._tell(event))

    def queue(self) -> bytes:
        """The frames of a response that is not being made yet, so that its client knows its id."""
        self.response = replace(self.response, status="queued")
        return self._frame("response.created", response=self.response) + self._frame(
            "response.queued", response=self.response
        )

    def cancel(self) -> None:
        """The client wants no more of it: `response` is what there is."""
        self.response = replace(self.response, status="cancelled", output=self._so_far())

    def conclude(self, completed_s: int) -> None:
        """The reply has finished: make `response` whole."""
        assert self._end is not None
        reason, usage = self._end
        self.response = ended(self.response, self._output, reason, usage, completed_s)

    def finish(self) -> bytes:
        """The frame that tells the whole response, complete since it was begun where nobody has concluded it."""
        if self.response.status == "in_progress":
            self.conclude(self.response.created_at)
        return self._frame(f"response.{self.response.status}", response=self.response)

    def _tell(self, event: Event) -> Iterator[bytes]:
        match event:
            case ReplyStarted():
                if self._number == 0:
                    yield self._frame("response.created", response=self.response)
                self.response = replace(self.response, status="in_progress")
                yield self._frame("response.in_progress", response=self.response)
            case TextStarted():
                yield from self._open(Text(""))
            case ToolCallStarted(call_id, name):
                yield from self._open(ToolCall(call_id, name, ""))
            case ArgumentsDelta(text):
                yield from self._more(text)
            case ReplyFinished(reason, usage):
                yield from self._close(item_status(reason))
                self._end = (reason, usage)
            case ReplyFailed(error):
                yield from self._fail(error)
            case TextDelta() | PartEnded():
                pass

    def _open(self, part: Text | ToolCall) -> Iterator[bytes]:
        yield from self._close("completed")
        index = len(self._output)
        item = self._outlet.begun(part, index)
        self._part = _OpenPart(part, item, index)
        yield self._frame("response.output_item.added", output_index=index, item=item)
        if isinstance(item, OutputMessage):
            yield self._frame("response.content_part.added", **self._part.content, part=OutputText(""))

    def _more(self, arguments: str) -> Iterator[bytes]:
        """A custom tool's input and a search are told when they are whole, for they stand inside the arguments."""
        part = self._part
        assert part is not None
        part.pieces.append(arguments)
        if isinstance(part.item, OutputCall):
            yield self._frame("response.function_call_arguments.delta", **part.place, delta=arguments)

    def _close(self, status: str) -> Iterator[bytes]:
        part = self._part
        if part is None:
            return
        item = self._outlet.item(part.whole(), part.index, status)
        match item:
            case OutputMessage(content=[text]):
                yield self._frame("response.output_text.done", **part.content, text=text.text, logprobs=())
                yield self._frame("response.content_part.done", **part.content, part=text)
            case OutputCall(arguments=arguments, name=name):
                told = {"arguments": arguments, "name": name}
                yield self._frame("response.function_call_arguments.done", **part.place, **told)
            case OutputCustomCall(input=text):
                yield self._frame("response.custom_tool_call_input.delta", **part.place, delta=text)
                yield self._frame("response.custom_tool_call_input.done", **part.place, input=text)
            case OutputMessage() | OutputSearch():
                pass
        yield self._frame("response.output_item.done", output_index=part.index, item=item)
        self._output.append(item)
        self._part = None

    def _so_far(self) -> list[OutputItem]:
        """What there is of the answer, the last part of it cut off."""
        part = self._part
        if part is None or not part.pieces:
            return self._output
        return [*self._output, self._outlet.item(part.whole(), part.index, "incomplete")]

    def _fail(self, error: ProxyError) -> Iterator[bytes]:
        """A response that has begun says itself that it failed; before that, SDKs raise what `error` tells."""
        if self._number == 0:
            told = {"code": error.http_code, "message": error.message, "param": error.param}
            yield self._frame("error", **told, error={"type": error.kind, **told})
        self.response = failed(self.response, self._so_far(), error)
        yield self._frame("response.failed", response=self.response)

    def _frame(self, kind: str, **fields: object) -> bytes:
        told = _encode({"type": kind, "sequence_number": self._number, **fields})
        self._number += 1
        return b"event: %s\ndata: %s\n\n" % (kind.encode(), told)

    def _number_in(self, head: bytes, tail: bytes) -> bytes:
        self._number += 1
        return b'%s"sequence_number":%d,%s' % (head, self._number - 1, tail)


class _OpenPart:
    """A part that is being told: where it stands in the response, and its pieces so far."""

    def __init__(self, part: Text | ToolCall, item: OutputItem, index: int) -> None:
        self.item = item
        self.index = index
        self.pieces: list[str] = []
        self.place: dict[str, object] = {"item_id": item.id, "output_index": index}
        self.content: dict[str, object] = {**self.place, "content_index": 0}
        self._part = part
        kind = "response.output_text.delta"
        told = _encode({"type": kind, **self.content})
        self._delta_head = b"event: %s\ndata: %s," % (kind.encode(), told[:-1])

    def take(self, text: str) -> bytes:
        """Add a piece of text; what its frame begins with."""
        self.pieces.append(text)
        return self._delta_head

    def whole(self) -> Text | ToolCall:
        """The part with all its pieces."""
        whole = "".join(self.pieces)
        match self._part:
            case Text():
                return Text(whole)
            case ToolCall(call_id, name):
                return ToolCall(call_id, name, whole)
