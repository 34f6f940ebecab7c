"""The response object: the whole answer, the frame of a stream, and what is kept of it.

All fields of the published object are there, also those that are null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from argo_proxy.canonical.chat import ChatRequest, FinishReason, JsonObject, Reply, Usage
from argo_proxy.canonical.errors import BadRequest, ProxyError, RateLimited
from argo_proxy.dialects.openai_responses.body import JsonSchemaFormat, Reasoning, TextConfig, TextFormat
from argo_proxy.dialects.openai_responses.output import Outlet, OutputItem
from argo_proxy.dialects.openai_responses.request import asked_in
from argo_proxy.dialects.openai_responses.tools import told_tools

Status: TypeAlias = Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]

_CUT_OFF: Mapping[FinishReason, str] = {"length": "max_output_tokens", "content_filter": "content_filter"}


class InputDetails(Struct):
    cached_tokens: int = 0
    cache_write_tokens: int = 0


class OutputDetails(Struct):
    reasoning_tokens: int = 0


class TokenUsage(Struct):
    input_tokens: int
    input_tokens_details: InputDetails
    output_tokens: int
    output_tokens_details: OutputDetails
    total_tokens: int


class Count(Struct):
    input_tokens: int
    object: str = "response.input_tokens"


class Failure(Struct):
    code: str
    message: str


class Incomplete(Struct):
    reason: str


class Response(Struct, kw_only=True):
    id: str
    object: str = "response"
    created_at: int
    status: Status
    background: bool = False
    completed_at: int | None = None
    error: Failure | None = None
    frequency_penalty: float = 0.0
    incomplete_details: Incomplete | None = None
    instructions: str | None = None
    max_output_tokens: int | None = None
    max_tool_calls: int | None = None
    model: str
    output: Sequence[OutputItem] = ()
    parallel_tool_calls: bool = True
    presence_penalty: float = 0.0
    previous_response_id: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    reasoning: Reasoning = Reasoning()
    safety_identifier: str | None = None
    service_tier: str = "default"
    store: bool = True
    temperature: float = 1.0
    text: TextConfig = TextConfig()
    tool_choice: str | JsonObject = "auto"
    tools: Sequence[JsonObject] = ()
    top_logprobs: int = 0
    top_p: float = 1.0
    truncation: str = "disabled"
    usage: TokenUsage | None = None
    user: str | None = None
    metadata: Mapping[str, str] = {}


def begun(request: ChatRequest, reply_id: str, created_s: int, status: Status = "in_progress") -> Response:
    """The response before anything is in it: what was asked, repeated."""
    asked = asked_in(request)
    body = asked.body
    return Response(
        id=response_id(reply_id),
        created_at=created_s,
        model=request.model or "",
        status=status,
        background=bool(body.background),
        instructions=body.instructions,
        max_output_tokens=body.max_output_tokens,
        max_tool_calls=body.max_tool_calls,
        parallel_tool_calls=body.parallel_tool_calls is not False,
        previous_response_id=body.previous_response_id,
        prompt_cache_key=body.prompt_cache_key,
        prompt_cache_retention=body.prompt_cache_retention,
        reasoning=body.reasoning or Reasoning(),
        safety_identifier=body.safety_identifier,
        store=asked.stored,
        temperature=1.0 if body.temperature is None else body.temperature,
        text=_text(body.text),
        tool_choice=body.tool_choice or "auto",
        tools=told_tools(body.tools or ()),
        top_p=1.0 if body.top_p is None else body.top_p,
        user=body.user,
        metadata=body.metadata or {},
    )


def ended(
    response: Response, output: Sequence[OutputItem], reason: FinishReason, usage: Usage, completed_s: int
) -> Response:
    """The response with everything in it: complete, or cut off for a reason."""
    cut_off = _CUT_OFF.get(reason)
    return replace(
        response,
        status="incomplete" if cut_off else "completed",
        completed_at=None if cut_off else completed_s,
        incomplete_details=Incomplete(cut_off) if cut_off else None,
        output=output,
        usage=token_usage(usage),
    )


def failed(response: Response, output: Sequence[OutputItem], error: ProxyError) -> Response:
    """The response that broke off, with what was complete of it."""
    return replace(
        response, status="failed", completed_at=None, incomplete_details=None, output=output, error=_failure(error)
    )


def whole(request: ChatRequest, reply: Reply, reply_id: str, created_s: int, completed_s: int) -> Response:
    """The response with a whole reply in it."""
    outlet = Outlet(reply_id, asked_in(request).toolbox)
    last = len(reply.parts) - 1
    output = [
        outlet.item(part, index, item_status(reply.reason) if index == last else "completed")
        for index, part in enumerate(reply.parts)
    ]
    response = begun(request, reply_id, created_s)
    return ended(response, output, reply.reason, reply.usage, completed_s)


def item_status(reason: FinishReason) -> str:
    """The status of the last item of an answer that ends for this reason."""
    return "incomplete" if reason in _CUT_OFF else "completed"


def encode(response: Response) -> bytes:
    """The response object as JSON."""
    return msgspec.json.encode(response)


def render_count(input_tokens: int) -> bytes:
    """A `response.input_tokens` object."""
    return msgspec.json.encode(Count(input_tokens))


def token_usage(usage: Usage) -> TokenUsage:
    """The tokens of an answer, in the published form."""
    asked, answered = usage.input_tokens, usage.output_tokens
    return TokenUsage(asked, InputDetails(), answered, OutputDetails(), asked + answered)


def response_id(reply_id: str) -> str:
    """The id under which the answer is known."""
    return f"resp_{reply_id}"


def _text(given: TextConfig | None) -> TextConfig:
    form = (given and given.format) or TextFormat()
    if isinstance(form, JsonSchemaFormat):
        form = replace(form, strict=bool(form.strict))
    return TextConfig(form, (given and given.verbosity) or "medium")


def _failure(error: ProxyError) -> Failure:
    """Of the published codes the one that comes nearest."""
    match error:
        case RateLimited():
            return Failure("rate_limit_exceeded", error.message)
        case BadRequest():
            return Failure("invalid_prompt", error.message)
        case _:
            return Failure("server_error", error.message)
