"""What OpenAI's models refuse: the GPT and o-series rules of the resource API, tools apart (openai_tools)."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from msgspec import UNSET

from argo_proxy.simulator.models import Sampling
from argo_proxy.simulator.shapes import JsonObject, is_object
from argo_proxy.simulator.strict.ask import Ask, Rule, Turn
from argo_proxy.simulator.strict.openai_tools import TOOL_NAME, check_tool_choice, check_tools
from argo_proxy.simulator.strict.parts import check_image_url, check_parts, check_roles_and_keys, check_text
from argo_proxy.simulator.strict.refusals import Refused, openai_fault
from argo_proxy.simulator.strict.tools import check_id, not_this_shape, past_calls

LONGEST_CALL_ID: Final = 40
_SAID: Final = frozenset({"role", "content", "name"})
KEYS: Final = {
    "system": _SAID,
    "developer": _SAID,
    "user": _SAID,
    "assistant": _SAID | {"tool_calls"},
    "tool": frozenset({"role", "content", "tool_call_id"}),
}
PREVIEW_ROLES: Final = frozenset({"user", "assistant"})


def check_messages(ask: Ask) -> None:
    for turn in ask.turns:
        check_roles_and_keys(turn, KEYS, openai_fault)
        if ask.model.preview and turn.role not in PREVIEW_ROLES:
            raise _unsupported_value(f"messages[{turn.index}].role", turn.role)


def check_content(ask: Ask) -> None:
    for turn in ask.turns:
        if turn.parts_of("image_url") and not ask.model.images:
            raise openai_fault("Invalid content type. image_url is only supported by certain models.")
        images = {"image_url": check_image_url} if turn.role == "user" else {}
        check_parts(turn, {"text": check_text, **images}, openai_fault)


def check_token_limits(ask: Ask) -> None:
    body = ask.body
    if ask.model.reasoning and body.max_tokens is not UNSET:
        message = "Unsupported parameter: 'max_tokens' is not supported with this model."
        raise openai_fault(f"{message} Use 'max_completion_tokens' instead.", "max_tokens", "unsupported_parameter")
    if len(body.token_limits) > 1:
        raise openai_fault("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
    if any(limit > ask.model.output_limit for limit in body.token_limits):
        at_most = f"this model supports at most {ask.model.output_limit} completion tokens"
        raise openai_fault(f"max_tokens is too large: {at_most}.", "max_tokens", "invalid_value")


def check_sampling(ask: Ask) -> None:
    match ask.model.sampling:
        case Sampling.FREE | Sampling.ONE_OF_TWO:
            return
        case Sampling.DEFAULT_ONLY:
            _refuse_given("top_p", ask.body.top_p)
            if ask.body.temperature is not UNSET and ask.body.temperature != 1:
                raise _unsupported_value("temperature", ask.body.temperature)
        case Sampling.REFUSED:
            _refuse_given("temperature", ask.body.temperature)
            _refuse_given("top_p", ask.body.top_p)


def check_stop(ask: Ask) -> None:
    if ask.model.reasoning:
        _refuse_given("stop", ask.body.stop)


def check_past_calls(ask: Ask) -> None:
    """Each call is followed at once by its one tool message, and no tool message stands alone."""
    answered: set[int] = set()
    for turn in ask.turns:
        if calls := past_calls(turn, openai_fault):
            _refuse_first_call(ask, turn)
            results = _results_after(ask.turns, turn.index)
            _match_results(turn, [_call_id(call, turn, n) for n, call in enumerate(calls)], results)
            answered.update(result.index for result in results)
    for turn in ask.turns:
        if turn.role == "tool" and turn.index not in answered:
            message = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
            raise openai_fault(f"Invalid parameter: {message}", f"messages.[{turn.index}].role")


RULES: Final[tuple[Rule, ...]] = (
    check_messages,
    check_content,
    check_token_limits,
    check_sampling,
    check_stop,
    check_tools,
    check_tool_choice,
    check_past_calls,
)


def _refuse_first_call(ask: Ask, turn: Turn) -> None:
    if turn.index == 0 and ask.model.id.startswith("gpto"):
        raise openai_fault("Invalid value: messages[0] must not be an assistant message with tool_calls.")


def _results_after(turns: Sequence[Turn], index: int) -> list[Turn]:
    return list(takewhile(lambda turn: turn.role == "tool", turns[index + 1 :]))


def _match_results(turn: Turn, call_ids: list[str], results: list[Turn]) -> None:
    given = sorted(str(result.message.get("tool_call_id")) for result in results)
    if given != sorted(call_ids):
        missing = ", ".join(sorted(set(call_ids) - set(given)))
        raise openai_fault(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following tool_call_ids did not have response messages: {missing}",
            f"messages.[{turn.index + 1}].role",
        )


def _call_id(call: JsonObject, turn: Turn, n: int) -> str:
    function = call.get("function")
    if call.keys() != {"id", "type", "function"} or call["type"] != "function" or not is_object(function):
        raise not_this_shape("tool_calls", call, openai_fault)
    if function.keys() != {"name", "arguments"} or not isinstance(function["arguments"], str):
        raise not_this_shape("tool_calls.function", function, openai_fault)
    if not isinstance(function["name"], str) or not TOOL_NAME.fullmatch(function["name"]):
        raise not_this_shape("tool_calls.function.name", function["name"], openai_fault)
    call_id = check_id(call["id"], openai_fault)
    if len(call_id) > LONGEST_CALL_ID:
        lengths = f"maximum length {LONGEST_CALL_ID}, but got a string with length {len(call_id)} instead"
        where = f"messages[{turn.index}].tool_calls[{n}].id"
        too_long = f"Invalid '{where}': string too long. Expected a string with {lengths}."
        raise openai_fault(too_long, where, "string_above_max_length")
    return call_id


def _refuse_given(name: str, value: object) -> None:
    if value is not UNSET:
        message = f"Unsupported parameter: '{name}' is not supported with this model."
        raise openai_fault(message, name, "unsupported_parameter")


def _unsupported_value(name: str, value: object) -> Refused:
    message = f"Unsupported value: '{name}' does not support {value} with this model."
    return openai_fault(f"{message} Only the default (1) value is supported.", name, "unsupported_value")
