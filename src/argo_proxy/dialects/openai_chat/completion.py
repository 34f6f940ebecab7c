"""The wire shape of a whole completion. Source: OpenAI's published schema of 2026."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType


class Function(Struct):
    name: str
    arguments: str


class Call(Struct):
    id: str
    type: str
    function: Function


class Message(Struct):
    role: str
    content: str | None
    refusal: str | None
    annotations: tuple[()]
    tool_calls: list[Call] | UnsetType = UNSET
    function_call: Function | UnsetType = UNSET


class Choice(Struct):
    index: int
    message: Message
    logprobs: None
    finish_reason: str


class PromptDetails(Struct):
    cached_tokens: int = 0
    audio_tokens: int = 0


class CompletionDetails(Struct):
    reasoning_tokens: int = 0
    audio_tokens: int = 0
    accepted_prediction_tokens: int = 0
    rejected_prediction_tokens: int = 0


class CompletionUsage(Struct):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptDetails
    completion_tokens_details: CompletionDetails


class Completion(Struct):
    id: str
    object: str
    created: int
    model: str
    choices: list[Choice]
    usage: CompletionUsage
