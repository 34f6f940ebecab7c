"""From the body of a `POST /v1/chat/completions` to a canonical request."""

from __future__ import annotations

from operator import attrgetter

from argo_proxy.canonical.chat import ChatRequest, JsonOutput, Sampling, ToolChoice
from argo_proxy.canonical.errors import BadRequest, Unsupported
from argo_proxy.dialects.openai_chat.body import DECODER, Body, JsonObjectFormat, JsonSchemaFormat, TextFormat
from argo_proxy.dialects.openai_chat.messages import read_messages
from argo_proxy.dialects.openai_chat.tools import read_choice, read_tools
from argo_proxy.dialects.wire import decode_body, dropped, matters, read_stops

OF_OLD = "functions"
"""The echo of a request that uses `functions`: its answer makes its call in their form."""

_DROPPED = (
    "frequency_penalty", "presence_penalty", "logprobs", "top_logprobs", "logit_bias", "seed", "service_tier",
    "reasoning_effort", "verbosity", "prediction",
)  # fmt: skip
_REFUSED = ("audio", "web_search_options")
_FREE = ToolChoice()
_dropped_of, _NONE_DROPPED = attrgetter(*_DROPPED), (None,) * len(_DROPPED)


def parse(body: bytes) -> ChatRequest:
    """The canonical form of a request body. Raises BadRequest, or Unsupported for what would change its meaning."""
    wire = decode_body(DECODER, body)
    _refuse(wire)
    limit_name, adjusted = _limit_name(wire)
    tools = read_tools(wire) if wire.tools or wire.functions else ()
    chosen = wire.tool_choice is not None or wire.function_call is not None
    return ChatRequest(
        model=wire.model,
        messages=read_messages(wire.messages),
        tools=tools,
        tool_choice=read_choice(wire, tools) if chosen else _FREE,
        parallel_tools=wire.parallel_tool_calls is not False and not wire.functions,
        output=_output(wire),
        sampling=Sampling(
            wire.temperature, wire.top_p, getattr(wire, limit_name), read_stops(wire.stop), limit_name=limit_name
        ),
        choices=wire.n or 1,
        stream=bool(wire.stream),
        stream_usage=bool(wire.stream_options and wire.stream_options.include_usage),
        timeout_s=wire.timeout,
        adjusted=adjusted + _dropped(wire),
        echo=OF_OLD if wire.functions else None,
    )


def _refuse(wire: Body) -> None:
    for name in _REFUSED:
        if matters(wire, name):
            raise Unsupported(f"'{name}' is not supported on ARGO", param=name)
    if wire.modalities and wire.modalities != ["text"]:
        raise Unsupported("ARGO answers in text only: 'modalities' can only be [\"text\"]", param="modalities")
    if wire.stream_options and not wire.stream:
        raise BadRequest("'stream_options' is only allowed with \"stream\": true", param="stream_options")


def _dropped(wire: Body) -> tuple[str, ...]:
    if _dropped_of(wire) == _NONE_DROPPED:
        return ()
    return dropped(wire, _DROPPED)


def _limit_name(wire: Body) -> tuple[str, tuple[str, ...]]:
    """OpenAI has two names for the limit of the answer; the newer one wins."""
    if wire.max_completion_tokens is None:
        return "max_tokens", ()
    agreed = wire.max_tokens in (None, wire.max_completion_tokens)
    return "max_completion_tokens", () if agreed else ("max_tokens dropped",)


def _output(wire: Body) -> JsonOutput | None:
    match wire.response_format:
        case None | TextFormat():
            return None
        case JsonObjectFormat():
            return JsonOutput()
        case JsonSchemaFormat(wanted):
            return JsonOutput(wanted.schema, wanted.description, "response_format.json_schema.schema")
