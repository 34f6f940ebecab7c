"""What a client of `POST /v1/completions` gets: a whole completion, or a stream of them with a piece of text each."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from argo_proxy.canonical.chat import ChatRequest, Reply, Usage
from argo_proxy.canonical.errors import ProxyError
from argo_proxy.canonical.events import Event, ReplyFailed, ReplyFinished, TextDelta
from argo_proxy.dialects.wire import DONE, render_error

_encode = msgspec.json.encode


class Choice(Struct):
    text: str
    index: int
    logprobs: None
    finish_reason: str


class CompletionUsage(Struct):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(Struct):
    id: str
    object: str
    created: int
    model: str
    choices: list[Choice]
    usage: CompletionUsage


def render_whole(request: ChatRequest, replies: Sequence[Reply], reply_id: str, created_s: int) -> bytes:
    """A `text_completion` object: for each prompt its choices, in order."""
    choices = [Choice(reply.text, index, None, reply.reason) for index, reply in enumerate(replies)]
    usage = _usage(request, [reply.usage for reply in replies])
    return _encode(Completion(f"cmpl-{reply_id}", "text_completion", created_s, request.model or "", choices, usage))


def render_stream(request: ChatRequest, reply_id: str, created_s: int) -> CompletionStream:
    """A renderer of `text_completion` objects with one piece of text each."""
    return CompletionStream(request, reply_id, created_s)


def _usage(request: ChatRequest, usages: Sequence[Usage]) -> CompletionUsage:
    """The choices of a prompt share it, so it counts once."""
    prompt = sum(usage.input_tokens for usage in usages[:: request.choices])
    completion = sum(usage.output_tokens for usage in usages)
    return CompletionUsage(prompt, completion, prompt + completion)


class CompletionStream:
    """One streamed completion: `feed` the events of each choice, then `finish`."""

    def __init__(self, request: ChatRequest, reply_id: str, created_s: int) -> None:
        self._request = request
        self._head = b'data: {"id":"cmpl-%s","object":"text_completion","created":%d,"model":%s,"choices":[' % (
            reply_id.encode(),
            created_s,
            _encode(request.model),
        )
        self._tail = b"]%s}\n\n" % (b',"usage":null' if request.stream_usage else b"")
        self._usages: dict[int, Usage] = {}

    def feed(self, choice: int, event: Event) -> bytes:
        """The frames that tell of this event; b"" when nothing has to be said."""
        match event:
            case TextDelta(text):
                return self._frame(choice, _encode(text), b"null")
            case ReplyFinished(reason, usage):
                self._usages[choice] = usage
                return self._frame(choice, b'""', b'"%s"' % reason.encode())
            case ReplyFailed(error):
                return self.fail(error)
            case _:
                return b""

    def finish(self) -> bytes:
        """The usage, if it was asked for, and the end mark."""
        if not self._request.stream_usage:
            return DONE
        usage = _usage(self._request, [self._usages[choice] for choice in sorted(self._usages)])
        return b'%s],"usage":%s}\n\n%s' % (self._head, _encode(usage), DONE)

    def fail(self, error: ProxyError) -> bytes:
        """What ends a stream that broke off, in place of `finish`."""
        return b"data: %s\n\n" % render_error(error)

    def _frame(self, choice: int, text: bytes, reason: bytes) -> bytes:
        told = b'{"text":%s,"index":%d,"logprobs":null,"finish_reason":%s}' % (text, choice, reason)
        return self._head + told + self._tail
