"""What Google's models refuse: the Gemini rules of the resource API, schemas apart (google_schema)."""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import UNSET

from argo_proxy.simulator.shapes import JsonObject, is_list, is_object
from argo_proxy.simulator.strict.ask import Ask, Rule, Turn
from argo_proxy.simulator.strict.google_schema import check_parameters
from argo_proxy.simulator.strict.parts import check_image_url, check_parts, check_roles_and_keys, check_text
from argo_proxy.simulator.strict.refusals import google_fault, google_gateway_fault
from argo_proxy.simulator.strict.tools import (
    check_chosen,
    check_function,
    check_unique,
    not_this_shape,
    past_calls,
)

TOOL_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.-]{0,63}")
_SAID: Final = frozenset({"role", "content"})
KEYS: Final = {
    "system": _SAID,
    "user": _SAID,
    "assistant": _SAID | {"tool_calls"},
    "tool": frozenset({"role", "tool_call_id", "name", "content"}),
}
UNEQUAL: Final = (
    "Please ensure that the number of function response parts is equal to the number of function call parts: "
    "number of function response parts is not equal to the number of function call parts"
)
MISPLACED_CALL: Final = (
    "Please ensure that function call turn comes immediately after a user turn or after a function response turn."
)


def check_messages(ask: Ask) -> None:
    for turn in ask.turns:
        check_roles_and_keys(turn, KEYS, google_fault)
        if turn.role == "system" and not isinstance(turn.content, str):
            raise google_fault("system_instruction: the content of a system message must be one string")
    if all(turn.role == "system" for turn in ask.turns):
        raise google_fault("Unable to submit request because at least one contents field is required.")


def check_content(ask: Ask) -> None:
    for turn in ask.turns:
        images = {"image_url": check_image_url} if turn.role == "user" else {}
        check_parts(turn, {"text": check_text, **images}, google_fault)


def check_token_limits(ask: Ask) -> None:
    if len(ask.body.token_limits) > 1:
        raise google_gateway_fault()
    if any(limit > ask.model.output_limit for limit in ask.body.token_limits):
        limit = ask.model.output_limit
        raise google_fault(f"Unable to submit request: maxOutputTokens supports from 1 to {limit + 1} (exclusive).")


def check_tools(ask: Ask) -> None:
    for index, tool in enumerate(ask.body.offered_tools):
        check_function(tool, "parameters", TOOL_NAME, google_fault)
        if "parameters" in tool:
            check_parameters(tool["parameters"], f"tools[0].function_declarations[{index}].parameters")
    check_unique(tool_names(ask.body.offered_tools), google_fault)


def check_tool_choice(ask: Ask) -> None:
    choice = ask.body.tool_choice
    if choice is UNSET or choice in ("AUTO", "NONE", "ANY"):
        return
    names = choice.get("allowed_function_names") if is_object(choice) else None
    if not is_object(choice) or choice.keys() != {"mode", "allowed_function_names"}:
        raise not_this_shape("tool_config", choice, google_fault)
    if choice["mode"] != "FUNCTION_CALLING" or not is_list(names) or not names:
        raise not_this_shape("tool_config", choice, google_fault)
    for name in names:
        check_chosen(name, tool_names(ask.body.offered_tools), google_fault)


def check_past_calls(ask: Ask) -> None:
    """One call, then its one result, and so on: parallel calls must have been unrolled."""
    pending: JsonObject | None = None
    for turn in ask.turns:
        if (turn.role == "tool") != (pending is not None):
            raise google_fault(UNEQUAL)
        if pending is not None:
            _check_result(turn, pending)
        pending = _only_call(turn)
    if pending is not None:
        raise google_fault(UNEQUAL)


def check_call_places(ask: Ask) -> None:
    spoken = [turn for turn in ask.turns if turn.role != "system"]
    before = ("", *(turn.role for turn in spoken))
    for role, turn in zip(before, spoken, strict=False):
        if past_calls(turn, google_fault) and role not in ("user", "tool"):
            raise google_fault(MISPLACED_CALL)


RULES: Final[tuple[Rule, ...]] = (
    check_messages,
    check_content,
    check_token_limits,
    check_tools,
    check_tool_choice,
    check_past_calls,
    check_call_places,
)


def tool_names(tools: Sequence[JsonObject]) -> tuple[str, ...]:
    return tuple(str(tool.get("name")) for tool in tools)


def _only_call(turn: Turn) -> JsonObject | None:
    calls = past_calls(turn, google_fault)
    if len(calls) > 1:
        raise google_fault(UNEQUAL)
    for call in calls:
        named = isinstance(call.get("name"), str) and call.get("name")
        has_id = call.get("id", "") is None or isinstance(call.get("id"), str)
        if call.keys() != {"id", "name", "args"} or not named or not has_id or not is_object(call["args"]):
            raise not_this_shape("tool_calls", call, google_fault)
        return call
    return None


def _check_result(turn: Turn, call: JsonObject) -> None:
    if turn.message.get("name") != call["name"]:
        raise google_fault("the name of a function response must be that of its function call")
    if not isinstance(turn.message.get("tool_call_id"), str | None):
        raise not_this_shape("tool_call_id", turn.message.get("tool_call_id"), google_fault)
    if call["id"] is not None and turn.message.get("tool_call_id") != call["id"]:
        raise google_fault("the tool_call_id of a function response must be the id of its function call")
