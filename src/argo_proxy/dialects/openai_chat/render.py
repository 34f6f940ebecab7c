"""What a client of `POST /v1/chat/completions` gets: a whole completion, or a stream of chunks.

A stream's frames differ only in their delta, so what stands around it is made once per choice.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from argo_proxy.canonical.chat import ChatRequest, FinishReason, Reply, Usage
from argo_proxy.canonical.errors import ProxyError
from argo_proxy.canonical.events import (
    Event,
    PartEnded,
    ReplyFailed,
    ReplyFinished,
    ReplyStarted,
    TextDelta,
    TextStarted,
)
from argo_proxy.dialects.wire import render_error

_encode = msgspec.json.encode

DONE = b"data: [DONE]\n\n"


class _Message(Struct):
    role: str
    content: str | None
    refusal: str | None
    annotations: tuple[()] = ()


class _Choice(Struct):
    index: int
    message: _Message
    logprobs: None
    finish_reason: FinishReason


class _PromptDetails(Struct):
    cached_tokens: int = 0
    audio_tokens: int = 0


class _CompletionDetails(Struct):
    reasoning_tokens: int = 0
    audio_tokens: int = 0
    accepted_prediction_tokens: int = 0
    rejected_prediction_tokens: int = 0


class _Usage(Struct):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: _PromptDetails
    completion_tokens_details: _CompletionDetails


class _Completion(Struct):
    id: str
    object: str
    created: int
    model: str
    choices: list[_Choice]
    usage: _Usage


def render_whole(request: ChatRequest, replies: Sequence[Reply], reply_id: str, created_s: int) -> bytes:
    """A `chat.completion` object."""
    choices = [_choice(index, reply) for index, reply in enumerate(replies)]
    usage = _usage([reply.usage for reply in replies])
    model = request.model or ""
    return _encode(_Completion(f"chatcmpl-{reply_id}", "chat.completion", created_s, model, choices, usage))


def render_stream(request: ChatRequest, reply_id: str, created_s: int) -> ChatStream:
    """A renderer of `chat.completion.chunk` objects."""
    return ChatStream(request, reply_id, created_s)


def _choice(index: int, reply: Reply) -> _Choice:
    return _Choice(index, _Message("assistant", reply.text, None), None, reply.reason)


def _usage(usages: Sequence[Usage]) -> _Usage:
    """The choices share one prompt, which counts once."""
    prompt = usages[0].input_tokens
    completion = sum(usage.output_tokens for usage in usages)
    return _Usage(prompt, completion, prompt + completion, _PromptDetails(), _CompletionDetails())


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
        self._with_usage = request.stream_usage
        self._usages: list[Usage] = []
        self._delta_heads = [b'%s{"index":%d,"delta":' % (head, index) for index in range(request.choices)]
        self._delta_tail = b',"logprobs":null,"finish_reason":null}]%s}\n\n' % usage
        self._text_tail = b"}" + self._delta_tail
        self._end_tail = b"}]%s}\n\n" % usage

    def feed(self, choice: int, event: Event) -> bytes:
        """The frames that tell of this event; b"" when nothing has to be said."""
        match event:
            case TextDelta(text):
                return b'%s{"content":%s%s' % (self._delta_heads[choice], _encode(text), self._text_tail)
            case ReplyStarted():
                role = b'{"role":"assistant","content":"","refusal":null}'
                return self._delta_heads[choice] + role + self._delta_tail
            case TextStarted() | PartEnded():
                return b""
            case ReplyFinished(reason, usage):
                self._usages.append(usage)
                end = b'{},"logprobs":null,"finish_reason":"%s"' % reason.encode()
                return self._delta_heads[choice] + end + self._end_tail
            case ReplyFailed(error):
                return self.fail(error)

    def finish(self) -> bytes:
        """The usage, if it was asked for, and the end mark."""
        if not self._with_usage:
            return DONE
        return b'%s],"usage":%s}\n\n%s' % (self._head, _encode(_usage(self._usages)), DONE)

    def fail(self, error: ProxyError) -> bytes:
        """What ends a stream that broke off, in place of `finish`."""
        return b"data: %s\n\n" % render_error(error)
