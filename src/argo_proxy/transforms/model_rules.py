"""Fits a request to its model by the facts on the model's card, and says what it changed.

Nothing here changes the meaning of the answer: values are dropped, clamped or renamed.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import (
    ChatRequest,
    Message,
    Sampling,
)
from argo_proxy.canonical.spokes import Transformed


def transform(request: ChatRequest, card: ModelCard) -> Transformed:
    """The request as the model takes it."""
    sampling = _fit_temperature(request.sampling, card)
    sampling = _fit_token_limit(_drop(sampling, card), _longest(request, card))
    messages = request.messages
    if card.system_role != "system":
        messages = tuple(_recast(message, card) for message in messages)
    tools = request.tools
    if tools and not card.strict_tools:
        tools = tuple(replace(tool, strict=False) for tool in tools)
    renamed = sampling.max_tokens is not None and card.token_limit != sampling.limit_name
    fitted = request
    if sampling is not request.sampling or messages is not request.messages or tools is not request.tools:
        fitted = replace(request, messages=messages, tools=tools, sampling=sampling)
    elif not renamed:
        return Transformed(request)
    return Transformed(fitted.changed(*_changes(request, fitted, card)))


def _fit_temperature(sampling: Sampling, card: ModelCard) -> Sampling:
    temperature = sampling.temperature
    if temperature is None or card.temperature_only in (None, temperature):
        clamped = None if temperature is None else min(temperature, card.temperature_max)
        return sampling if clamped == temperature else replace(sampling, temperature=clamped)
    return replace(sampling, temperature=None)


def _drop(sampling: Sampling, card: ModelCard) -> Sampling:
    if not card.drops and not card.exclusive:
        return sampling
    given = [name for name in card.exclusive if getattr(sampling, name) is not None]
    dropped = {*card.drops, *given[1:]}
    return replace(sampling, **dict.fromkeys(dropped)) if dropped else sampling


def _longest(request: ChatRequest, card: ModelCard) -> int | None:
    """The most tokens that an answer may have; calls come in whole answers only, which may be held shorter."""
    longest = card.output_tokens or card.context_tokens
    whole = card.whole_output_tokens if request.may_call else None
    return longest if whole is None or (longest is not None and longest < whole) else whole


def _fit_token_limit(sampling: Sampling, longest: int | None) -> Sampling:
    if sampling.max_tokens is None or longest is None or sampling.max_tokens <= longest:
        return sampling
    return replace(sampling, max_tokens=longest)


def _recast(message: Message, card: ModelCard) -> Message:
    return replace(message, role=card.system_role) if message.role == "system" else message


def _changes(before: ChatRequest, after: ChatRequest, card: ModelCard) -> Iterator[str]:
    if before.tools != after.tools:
        yield "strict dropped"
    yield from _sampling_changes(before.sampling, after.sampling, card)


def _sampling_changes(asked: Sampling, given: Sampling, card: ModelCard) -> Iterator[str]:
    for name in ("temperature", "top_p", "max_tokens") if given is not asked else ():
        before, after = getattr(asked, name), getattr(given, name)
        shown = asked.limit_name if name == "max_tokens" else name
        if before is not None and after is None:
            yield f"{shown} dropped"
        elif before != after:
            yield f"{shown} clamped to {after:g}"
    if given.max_tokens is not None and card.token_limit != asked.limit_name:
        yield f"{asked.limit_name} renamed {card.token_limit}"
