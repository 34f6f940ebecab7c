"""What Anthropic's models refuse: the Claude rules of the resource API, blocks apart (anthropic_blocks)."""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import UNSET

from argo_proxy.simulator.models import Sampling
from argo_proxy.simulator.shapes import JsonObject
from argo_proxy.simulator.strict import anthropic_blocks as blocks
from argo_proxy.simulator.strict.ask import Ask, Rule
from argo_proxy.simulator.strict.parts import check_roles_and_keys
from argo_proxy.simulator.strict.refusals import anthropic_fault, anthropic_needs_streaming
from argo_proxy.simulator.strict.tools import (
    check_chosen,
    check_function,
    check_object_schema,
    check_unique,
    not_this_shape,
)

TOOL_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_SAID: Final = frozenset({"role", "content"})
KEYS: Final = {"system": _SAID, "user": _SAID, "assistant": _SAID}
LONGEST_UNSTREAMED_TOKENS: Final = 21_000
NOT_AT_THE_TOP: Final = frozenset({"oneOf", "allOf", "anyOf"})


def check_messages(ask: Ask) -> None:
    for turn in ask.turns:
        check_roles_and_keys(turn, KEYS, anthropic_fault)
    if not any(turn.role == "user" and turn.content for turn in ask.turns):
        raise anthropic_fault("messages: at least one message is required")
    if next(turn.role for turn in ask.turns if turn.role != "system") != "user":
        raise anthropic_fault('messages: first message must use the "user" role')


def check_content(ask: Ask) -> None:
    for turn in ask.turns:
        blocks.check_blocks(turn)


def check_ending(ask: Ask) -> None:
    last = ask.turns[-1]
    if last.role == "assistant" and last.texts and last.texts[-1][-1:].isspace():
        raise anthropic_fault("messages: final assistant content cannot end with trailing whitespace")


def check_token_limits(ask: Ask) -> None:
    for limit in ask.body.token_limits:
        if limit > ask.model.output_limit:
            most = f"{limit} > {ask.model.output_limit}, which is the maximum allowed number of output tokens"
            raise anthropic_fault(f"max_tokens: {most} for {ask.model.id}")
        if limit > LONGEST_UNSTREAMED_TOKENS and not ask.streaming:
            raise anthropic_needs_streaming()


def check_sampling(ask: Ask) -> None:
    asked = {"temperature": ask.body.temperature, "top_p": ask.body.top_p}
    given = [name for name, value in asked.items() if value is not UNSET]
    if given and ask.model.sampling is Sampling.REFUSED:
        raise anthropic_fault(f"`{given[0]}` is deprecated for this model.")
    if len(given) > 1 and ask.model.sampling is Sampling.ONE_OF_TWO:
        both = "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
        raise anthropic_fault(both)
    if ask.body.temperature is not UNSET and ask.body.temperature > 1:
        raise anthropic_fault("temperature: range: 0..1")


def check_tools(ask: Ask) -> None:
    for index, tool in enumerate(ask.body.offered_tools):
        where = f"tools.{index}.custom.input_schema"
        if "input_schema" not in tool:
            raise anthropic_fault(f"{where}: Field required")
        check_function(tool, "input_schema", TOOL_NAME, anthropic_fault)
        schema = check_object_schema(tool["input_schema"], "input_schema", anthropic_fault)
        if NOT_AT_THE_TOP & schema.keys():
            unsupported = "input_schema does not support oneOf, allOf, or anyOf at the top level"
            raise anthropic_fault(f"{where}: {unsupported}")
    check_unique(tool_names(ask.body.offered_tools), anthropic_fault)


def check_tool_choice(ask: Ask) -> None:
    choice = ask.body.tool_choice
    if choice is UNSET or choice in ({"type": "auto"}, {"type": "none"}, {"type": "any"}):
        return
    if isinstance(choice, str) or choice.keys() != {"type", "name"} or choice["type"] != "tool":
        raise not_this_shape("tool_choice", choice, anthropic_fault)
    check_chosen(choice["name"], tool_names(ask.body.offered_tools), anthropic_fault)


def check_call_ids(ask: Ask) -> None:
    seen: set[str] = set()
    for turn in ask.turns:
        for call_id in blocks.call_ids(turn):
            if call_id in seen:
                raise anthropic_fault(f"messages.{turn.index}.content: `tool_use` ids must be unique")
            seen.add(call_id)


def check_past_calls(ask: Ask) -> None:
    """The calls of one assistant message are all answered in the very next message, one result each."""
    pending: list[str] = []
    for turn in ask.turns:
        if pending != (results := blocks.result_ids(turn)):
            blocks.check_answered(turn, pending, results)
        pending = blocks.call_ids(turn)
    if pending:
        raise blocks.unanswered(len(ask.turns) - 1, pending)


RULES: Final[tuple[Rule, ...]] = (
    check_messages,
    check_content,
    check_ending,
    check_token_limits,
    check_sampling,
    check_tools,
    check_tool_choice,
    check_call_ids,
    check_past_calls,
)


def tool_names(tools: Sequence[JsonObject]) -> tuple[str, ...]:
    return tuple(str(tool.get("name")) for tool in tools)
