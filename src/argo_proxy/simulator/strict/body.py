"""The bodies that the resource API takes, to the last key; all else is a 400 in FastAPI's form."""

import re
from typing import Annotated, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from argo_proxy.simulator.shapes import JsonObject
from argo_proxy.simulator.strict.refusals import Refused, body_fault

NonEmpty = Annotated[str, Meta(min_length=1)]


class ChatBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A missing key is UNSET; null is refused everywhere, which is the strict side of what is known."""

    user: NonEmpty
    model: NonEmpty
    messages: Annotated[list[JsonObject], Meta(min_length=1)] | UnsetType = UNSET
    system: str | UnsetType = UNSET
    prompt: Annotated[list[str], Meta(min_length=1)] | UnsetType = UNSET
    stop: NonEmpty | Annotated[list[NonEmpty], Meta(max_length=4)] | UnsetType = UNSET
    temperature: Annotated[float, Meta(ge=0, le=2)] | UnsetType = UNSET
    top_p: Annotated[float, Meta(ge=0, le=1)] | UnsetType = UNSET
    max_tokens: Annotated[int, Meta(ge=1)] | UnsetType = UNSET
    max_completion_tokens: Annotated[int, Meta(ge=1)] | UnsetType = UNSET
    tools: Annotated[list[JsonObject], Meta(min_length=1)] | UnsetType = UNSET
    tool_choice: str | JsonObject | UnsetType = UNSET

    @property
    def stops(self) -> tuple[str, ...]:
        if self.stop is UNSET:
            return ()
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop)

    @property
    def token_limits(self) -> tuple[int, ...]:
        limits = (self.max_tokens, self.max_completion_tokens)
        return tuple(limit for limit in limits if limit is not UNSET)

    @property
    def offered_tools(self) -> tuple[JsonObject, ...]:
        return () if self.tools is UNSET else tuple(self.tools)


class EmbedBody(Struct, frozen=True, forbid_unknown_fields=True):
    user: NonEmpty
    model: NonEmpty
    prompt: Annotated[list[NonEmpty], Meta(min_length=1, max_length=16)]


Body = TypeVar("Body", ChatBody, EmbedBody)


def read_chat(raw: bytes) -> ChatBody:
    body = _decode(raw, ChatBody)
    if body.messages is UNSET and body.prompt is UNSET:
        raise body_fault(("messages",), "Field required: either messages, or system and prompt", "missing")
    if body.messages is not UNSET and (body.prompt is not UNSET or body.system is not UNSET):
        raise body_fault(("messages",), "Either messages, or system and prompt, not both")
    if body.tool_choice is not UNSET and body.tools is UNSET:
        raise body_fault(("tool_choice",), "tool_choice is only allowed when tools are specified")
    return body


def read_embed(raw: bytes) -> EmbedBody:
    return _decode(raw, EmbedBody)


def _decode(raw: bytes, shape: type[Body]) -> Body:
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        raise _shape_fault(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise body_fault((0,), f"JSON decode error: {error}", "json_invalid") from None


def _shape_fault(message: str) -> Refused:
    """msgspec says "what - at `$.path[0]`" or names the unknown or missing field."""
    what, _, path = message.partition(" - at `$")
    if field := re.search(r"unknown field `(.+)`", what):
        return body_fault((field[1],), "Extra inputs are not permitted", "extra_forbidden")
    if field := re.search(r"missing required field `(.+)`", what):
        return body_fault((field[1],), "Field required", "missing")
    return body_fault(re.findall(r"\w+", path), what)
