"""Fits a request to its model by the facts on the model's card, and says what it changed.

What would change the meaning of the answer is refused; the rest is dropped, clamped or renamed.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from argo_proxy.canonical.card import ModelCard
from argo_proxy.canonical.chat import ChatRequest, Message, Sampling, Text
from argo_proxy.canonical.errors import Unsupported


def fit(request: ChatRequest, card: ModelCard) -> ChatRequest:
    """The request as the model takes it. Raises Unsupported for an image to a model that sees none."""
    if not card.images:
        _refuse_images(request)
    sampling = _fit_temperature(request.sampling, card)
    sampling = _fit_token_limit(_drop(sampling, card), card)
    messages = request.messages
    if card.system_role != "system":
        messages = tuple(_recast(message, card) for message in messages)
    changes = tuple(_changes(request.sampling, sampling, card))
    return replace(request, messages=messages, sampling=sampling, adjusted=request.adjusted + changes)


def _refuse_images(request: ChatRequest) -> None:
    for index, message in enumerate(request.messages):
        for number, part in enumerate(message.parts):
            if not isinstance(part, Text):
                raise Unsupported(
                    f"model '{request.model}' takes no images; choose a model that does, such as argo:gpt-4o",
                    param=f"messages[{index}].content[{number}]",
                )


def _fit_temperature(sampling: Sampling, card: ModelCard) -> Sampling:
    temperature = sampling.temperature
    if temperature is None or card.temperature_only in (None, temperature):
        clamped = None if temperature is None else min(temperature, card.temperature_max)
        return sampling if clamped == temperature else replace(sampling, temperature=clamped)
    return replace(sampling, temperature=None)


def _drop(sampling: Sampling, card: ModelCard) -> Sampling:
    given = [name for name in card.exclusive if getattr(sampling, name) is not None]
    dropped = {*card.drops, *given[1:]}
    return replace(sampling, **dict.fromkeys(dropped)) if dropped else sampling


def _fit_token_limit(sampling: Sampling, card: ModelCard) -> Sampling:
    longest = card.output_tokens or card.context_tokens
    if sampling.max_tokens is None or longest is None or sampling.max_tokens <= longest:
        return sampling
    return replace(sampling, max_tokens=longest)


def _recast(message: Message, card: ModelCard) -> Message:
    return replace(message, role=card.system_role) if message.role == "system" else message


def _changes(asked: Sampling, given: Sampling, card: ModelCard) -> Iterator[str]:
    for name in ("temperature", "top_p", "max_tokens"):
        before, after = getattr(asked, name), getattr(given, name)
        shown = asked.limit_name if name == "max_tokens" else name
        if before is not None and after is None:
            yield f"{shown} dropped"
        elif before != after:
            yield f"{shown} clamped to {after:g}"
    if given.max_tokens is not None and card.token_limit != asked.limit_name:
        yield f"{asked.limit_name} renamed {card.token_limit}"
