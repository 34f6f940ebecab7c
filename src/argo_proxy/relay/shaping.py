"""From a client's request to the call that is made for it. Pure: the order of the transforms is told here alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Message, Reply, Text
from argo_proxy.canonical.spokes import Check, Stage, StageMaker, Transform
from argo_proxy.relay.prepared import Prepared, Shaped
from argo_proxy.transforms import (
    call_ids,
    history_repair,
    leaked_calls,
    model_rules,
    one_call,
    prompted_tools,
    structured_output,
    tool_choice,
    tool_names,
    vision,
)
from argo_proxy.transforms.accounting import AccountingStage, Meter
from argo_proxy.transforms.echo import EchoStage
from argo_proxy.transforms.small_pieces import SmallPiecesStage
from argo_proxy.transforms.stop_sequences import StopStage
from argo_proxy.upstreams import UPSTREAMS
from argo_proxy.upstreams.notices import NoticeStage


def transforms(new_call_id: Callable[[], str]) -> Sequence[Transform]:
    """What requests pass through, in this order; replies pass in the opposite one."""
    return (
        vision.transform,
        history_repair.transform,
        tool_choice.transform,
        partial(call_ids.transform, new_id=new_call_id),
        one_call.transform,
        prompted_tools.transform,
        tool_names.transform,
        leaked_calls.transform,
        structured_output.transform,
        model_rules.transform,
    )


WITHOUT_TOOLS: Sequence[Transform] = (vision.transform, structured_output.transform, model_rules.transform)
"""All that a request which concerns no tools has to pass through: the others would leave it as it is."""


def concerns_tools(request: ChatRequest) -> bool:
    """Whether there are tools in it, or traces of any in its conversation."""
    return bool(request.tools) or history_repair.has_rounds(request)


def shape(request: ChatRequest, card: ModelCard, steps: Sequence[Transform]) -> Shaped:
    """The request after all transforms. Raises BadRequest for what the model cannot do."""
    stages: list[StageMaker] = []
    checks: list[Check] = []
    for transform in steps:
        changed = transform(request, card)
        request = changed.request
        if changed.stage is not None:
            stages.append(changed.stage)
        if changed.check is not None:
            checks.append(changed.check)
    return Shaped(request, card, tuple(reversed(stages)), tuple(checks))


def prepare(shaped: Shaped, caller: Caller, *, real_stream: bool) -> Prepared:
    """The call that the shaped request asks for; its image links have been followed."""
    request, card = shaped.request, shaped.card
    body = UPSTREAMS[card.upstream].encode(request, card, caller.user)
    streamed = is_streamed(shaped, real_stream=real_stream)
    return Prepared(request, card, caller, streamed, body, shaped.stages, shaped.checks)


def told_again(prepared: Prepared, reply: Reply, complaint: str) -> Prepared:
    """The same call once more, with the answer that it brought and what is wrong with it."""
    request = prepared.request
    said = (Message("assistant", (Text(reply.text),)), Message("user", (Text(complaint),)))
    request = replace(request, messages=(*request.messages, *said))
    body = UPSTREAMS[prepared.card.upstream].encode(request, prepared.card, prepared.caller.user)
    return replace(prepared, request=request, body=body)


def is_streamed(shaped: Shaped, *, real_stream: bool) -> bool:
    """Whether to make a streamed call: for a client that streams, and for answers too long for a whole one.

    Calls in the provider's own form come in whole answers only, and what is checked is told when it is whole.
    """
    request, card = shaped.request, shaped.card
    if request.may_call or not card.streams:
        return False
    limit = request.sampling.max_tokens or 0
    too_long = card.whole_output_tokens is not None and limit > card.whole_output_tokens
    return too_long or (request.stream and real_stream and not shaped.checks)


def stages_for(prepared: Prepared, meter: Meter) -> Sequence[Stage]:
    """What the reply passes through, in this order."""
    request = prepared.request
    stages: list[Stage] = [NoticeStage()] if prepared.streamed else []
    stages += [make() for make in prepared.stages]
    if request.sampling.stop:
        stages.append(StopStage(request.sampling.stop))
    stages.append(AccountingStage(meter, request.sampling, prepared.card))
    if request.stream and not prepared.streamed and not prepared.checks:
        stages.append(SmallPiecesStage())
    if request.repeats_prompt:
        stages.append(EchoStage(request.messages[-1].text))
    return stages
