"""Puts the tools of a request into words, and makes calls of what the model writes in answer."""

from __future__ import annotations

from functools import partial

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, JsonObject, Reply, Tool, ToolChoice
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.canonical.spokes import Mismatch, Transformed
from argo_proxy.transforms.call_stage import CallStage
from argo_proxy.transforms.instructions import instructed
from argo_proxy.transforms.prompted_tools import prompts
from argo_proxy.transforms.prompted_tools.words import in_words, spelling


class _Description(Struct, omit_defaults=True):
    name: str
    description: str | None = None
    parameters: JsonObject | None = None


def transform(request: ChatRequest, card: ModelCard) -> Transformed:
    """For models that take no tools in their provider's form."""
    if card.tools:
        return Transformed(request)
    plain = replace(request, tools=(), tool_choice=ToolChoice(), messages=in_words(request.messages))
    if not request.may_call:
        return Transformed(plain)
    sampling = replace(plain.sampling, stop_here=True)
    told = replace(plain, sampling=sampling, messages=instructed(plain.messages, _prompt(request, card)))
    check = partial(must_call, request.tool_choice) if request.tool_choice.mode == "required" else None
    return Transformed(told.changed("tools put into the prompt"), partial(CallStage, spelling()), check)


def must_call(choice: ToolChoice, reply: Reply) -> Reply:
    """The reply, if it makes the call that was asked for, or was cut off before it could. Raises Mismatch."""
    called = [call.name for call in reply.calls]
    if reply.reason in ("length", "content_filter") or (called and not set(choice.names) - set(called)):
        return reply
    wanted = choice.names[0] if choice.names else "a tool"
    error = UpstreamError(f"the model was to call {wanted}, but did not, not even when told again", code="no_tool_call")
    raise Mismatch(error, prompts.COMPLAINT.format(choice=_choice(choice)))


def _prompt(request: ChatRequest, card: ModelCard) -> str:
    return prompts.PROMPTS[card.tool_prompt].format(
        tools="\n".join(map(_described, request.tools)),
        number=prompts.NUMBER_ANY if request.parallel_tools else prompts.NUMBER_ONE,
        choice=_choice(request.tool_choice),
    )


def _described(tool: Tool) -> str:
    return msgspec.json.encode(_Description(tool.name, tool.description, tool.parameters)).decode()


def _choice(choice: ToolChoice) -> str:
    if choice.mode == "auto":
        return prompts.CHOICE_FREE
    return prompts.CHOICE_NAMED.format(name=choice.names[0]) if choice.names else prompts.CHOICE_ANY
