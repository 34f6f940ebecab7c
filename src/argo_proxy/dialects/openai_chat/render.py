"""What a client of `POST /v1/chat/completions` gets: a whole completion, or a stream of chunks.

A stream's frames differ only in their delta, so what stands around it is made once per choice.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from argo_proxy.canonical.chat import ChatRequest, FinishReason, Reply, Usage
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
from argo_proxy.dialects.openai_chat.completion import (
    Call,
    Choice,
    Completion,
    CompletionDetails,
    CompletionUsage,
    Function,
    Message,
    PromptDetails,
)
from argo_proxy.dialects.openai_chat.request import OF_OLD
from argo_proxy.dialects.wire import DONE, render_error

_encode = msgspec.json.encode
_NO_PROMPT_DETAILS, _NO_COMPLETION_DETAILS = PromptDetails(), CompletionDetails()


def render_whole(request: ChatRequest, replies: Sequence[Reply], reply_id: str, created_s: int) -> bytes:
    """A `chat.completion` object."""
    choices = [
        Choice(index, _message(reply, request), None, _finish_reason(reply.reason, request))
        for index, reply in enumerate(replies)
    ]
    usage = _usage([reply.usage for reply in replies])
    model = request.model or ""
    return _encode(Completion(f"chatcmpl-{reply_id}", "chat.completion", created_s, model, choices, usage))


def render_stream(request: ChatRequest, reply_id: str, created_s: int) -> ChatStream:
    """A renderer of `chat.completion.chunk` objects."""
    return ChatStream(request, reply_id, created_s)


def _message(reply: Reply, request: ChatRequest) -> Message:
    calls = [Call(call.call_id, "function", Function(call.name, call.arguments)) for call in reply.calls]
    message = Message("assistant", reply.text or (None if calls else ""), None, ())
    if calls and request.echo == OF_OLD:
        message.function_call = calls[0].function
    elif calls:
        message.tool_calls = calls
    return message


def _finish_reason(reason: FinishReason, request: ChatRequest) -> str:
    return "function_call" if reason == "tool_calls" and request.echo == OF_OLD else reason


def _usage(usages: Sequence[Usage]) -> CompletionUsage:
    """The choices share one prompt, which counts once."""
    prompt = usages[0].input_tokens
    completion = sum([usage.output_tokens for usage in usages])
    return CompletionUsage(prompt, completion, prompt + completion, _NO_PROMPT_DETAILS, _NO_COMPLETION_DETAILS)


class ChatStream:
    """One streamed completion: `feed` the events of each choice, then `finish`."""

    def __init__(self, request: ChatRequest, reply_id: str, created_s: int) -> None:
        head = b'data: {"id":"chatcmpl-%s","object":"chat.completion.chunk","created":%d,"model":%s,"choices":[' % (
            reply_id.encode(),
            created_s,
            _encode(request.model),
        )
        usage = b',"usage":null' if request.stream_usage else b""
        self._head = head
        self._request = request
        self._usages: list[Usage] = []
        self._delta_heads = [b'%s{"index":%d,"delta":' % (head, index) for index in range(request.choices)]
        self._delta_tail = b',"logprobs":null,"finish_reason":null}]%s}\n\n' % usage
        self._text_tail = b"}" + self._delta_tail
        self._end_tail = b"}]%s}\n\n" % usage
        self._calls = [_CallDeltas(of_old=request.echo == OF_OLD) for _ in range(request.choices)]
        self._begun: set[int] = set()

    def feed(self, choice: int, event: Event) -> bytes:
        """The frames that tell of this event; b"" when nothing has to be said."""
        if type(event) is TextDelta:  # nearly all of them
            return b'%s{"content":%s%s' % (self._delta_heads[choice], _encode(event.text), self._text_tail)
        return self._tell(choice, event)

    def _tell(self, choice: int, event: Event) -> bytes:
        match event:
            case ArgumentsDelta(text):
                return self._frame(choice, self._calls[choice].more(text))
            case TextStarted():
                return self._begin(choice, b'""')
            case ToolCallStarted(call_id, name):
                return self._begin(choice, b"null") + self._frame(choice, self._calls[choice].start(call_id, name))
            case ReplyFinished(reason, usage):
                return self._begin(choice, b'""') + self._end(choice, reason, usage)
            case ReplyFailed(error):
                return self.fail(error)
            case ReplyStarted() | TextDelta() | PartEnded():
                return b""

    def finish(self) -> bytes:
        """The usage, if it was asked for, and the end mark."""
        if not self._request.stream_usage:
            return DONE
        return b'%s],"usage":%s}\n\n%s' % (self._head, _encode(_usage(self._usages)), DONE)

    def fail(self, error: ProxyError) -> bytes:
        """What ends a stream that broke off, in place of `finish`."""
        return b"data: %s\n\n" % render_error(error)

    def _begin(self, choice: int, content: bytes) -> bytes:
        """The first frame of a choice, with the role; b"" for any later part of it."""
        if choice in self._begun:
            return b""
        self._begun.add(choice)
        return self._frame(choice, b'{"role":"assistant","content":%s,"refusal":null}' % content)

    def _end(self, choice: int, reason: FinishReason, usage: Usage) -> bytes:
        self._usages.append(usage)
        told = _finish_reason(reason, self._request).encode()
        return b'%s{},"logprobs":null,"finish_reason":"%s"%s' % (self._delta_heads[choice], told, self._end_tail)

    def _frame(self, choice: int, delta: bytes) -> bytes:
        return self._delta_heads[choice] + delta + self._delta_tail


class _CallDeltas:
    """The deltas of the calls of one choice, counted from 0; `of_old` as the one call of a function."""

    def __init__(self, *, of_old: bool) -> None:
        self._of_old = of_old
        self._index = -1

    def start(self, call_id: str, name: str) -> bytes:
        """Names the call; its arguments follow."""
        self._index += 1
        function = b'{"name":%s,"arguments":""}' % _encode(name)
        if self._of_old:
            return b'{"function_call":%s}' % function
        told = (self._index, _encode(call_id), function)
        return b'{"tool_calls":[{"index":%d,"id":%s,"type":"function","function":%s}]}' % told

    def more(self, arguments: str) -> bytes:
        """A piece of the arguments."""
        function = b'{"arguments":%s}' % _encode(arguments)
        if self._of_old:
            return b'{"function_call":%s}' % function
        return b'{"tool_calls":[{"index":%d,"function":%s}]}' % (self._index, function)
