"""Inputs as OpenAI's older APIs take them: one text, several, one list of tokens, or several of them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from argo_proxy.canonical.embeddings import Input
from argo_proxy.canonical.errors import BadRequest

Token: TypeAlias = Annotated[int, Meta(ge=0)]
WireInputs: TypeAlias = str | list[str | Token | list[Token]]


def read_inputs(given: WireInputs, param: str, most: int) -> tuple[Input, ...]:
    """The inputs, never text beside tokens. Raises BadRequest for too many, or none."""
    inputs = _inputs(given, param)
    if not 1 <= len(inputs) <= most:
        raise BadRequest(f"'{param}' takes 1 to {most} inputs, not {len(inputs)}", param=param)
    return inputs


def _inputs(given: WireInputs, param: str) -> tuple[Input, ...]:
    if isinstance(given, str):
        return (given,)
    tokens = tuple(part for part in given if isinstance(part, int))
    if tokens and len(tokens) == len(given):
        return (tokens,)
    inputs = tuple(part if isinstance(part, str) else tuple(part) for part in given if not isinstance(part, int))
    if tokens or len({type(part) for part in inputs}) > 1:
        raise BadRequest(f"'{param}' is either text or tokens, in one list not both", param=param)
    return inputs
