"""What the simulated model says when no script says it: an echo, or a tool call."""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import UNSET

from argo_proxy.simulator.prompted import prompted_text
from argo_proxy.simulator.shapes import JsonObject, is_list, is_object, objects_in
from argo_proxy.simulator.strict.ask import Ask, Turn
from argo_proxy.simulator.words import Call, Words, calls_in

AUTHENTICATION_NOTICE: Final = (
    "AUTHENTICATION NOTICE FROM ARGO: the user name in your request is not known. Please use your ANL domain name."
)
_SAMPLES: Final[JsonObject] = {
    "string": "x",
    "number": 1,
    "integer": 1,
    "boolean": True,
    "array": [],
    "object": {},
}


def compose(ask: Ask) -> Words:
    """A forced tool choice is obeyed, else calls are made as the last user message spells them."""
    if forced := forced_tool(ask):
        return Words(calls=(Call(_tool_name(forced), sample_arguments(forced)),))
    if calls := _calls_asked_for(ask):
        return Words(calls=calls)
    return Words(text=prompted_text(ask) or echo(ask.turns))


def echo(turns: Sequence[Turn]) -> str:
    """`You said: ` and the last user message, or `The tool said: ` after tool results."""
    if results := _closing_results(turns):
        return f"The tool said: {' '.join(results)}"
    return f"You said: {last_user_text(turns)}"


def last_user_text(turns: Sequence[Turn]) -> str:
    return next(("".join(turn.texts) for turn in reversed(turns) if turn.role == "user"), "")


def cut(text: str, stops: Sequence[str], token_limits: Sequence[int]) -> str:
    """`text` up to the first stop and the lowest limit; a token is a word."""
    for stop in stops:
        text = text.partition(stop)[0]
    for limit in token_limits:
        text = _first_words(text, limit)
    return text


def forced_tool(ask: Ask) -> JsonObject | None:
    """The tool that the request insists on: the one it names, or the first."""
    tools, choice = ask.body.offered_tools, ask.body.tool_choice
    if choice is UNSET or not tools:
        return None
    name = _chosen_name(choice)
    if name is not None:
        return next(tool for tool in tools if _tool_name(tool) == name)
    any_tool = choice in ("required", "ANY", {"type": "any"})
    return tools[0] if any_tool else None


def sample_arguments(tool: JsonObject) -> JsonObject:
    """The least that the tool's schema accepts, as far as its required properties tell."""
    return _sample_object(_schema(tool))


def _sample(schema: object) -> object:
    if not is_object(schema):
        return _SAMPLES["string"]
    if is_list(choices := schema.get("enum")) and choices:
        return choices[0]
    kind = schema.get("type")
    if is_list(kind) and kind:
        kind = kind[0]
    kind = str(kind).lower()
    return _sample_object(schema) if kind == "object" else _SAMPLES.get(kind, "x")


def _sample_object(schema: JsonObject) -> JsonObject:
    required, properties = schema.get("required"), schema.get("properties")
    if not is_list(required) or not is_object(properties):
        return {}
    return {str(name): _sample(properties.get(str(name))) for name in required}


def _calls_asked_for(ask: Ask) -> tuple[Call, ...]:
    if ask.body.tool_choice in ("none", "NONE", {"type": "none"}) or _closing_results(ask.turns):
        return ()
    offered = {_tool_name(tool) for tool in ask.body.offered_tools}
    text = last_user_text(ask.turns) if offered else ""
    return tuple(call for call in calls_in(text) if call.name in offered)


def _closing_results(turns: Sequence[Turn]) -> tuple[str, ...]:
    last = turns[-1]
    if last.role == "tool":
        return tuple(last.texts)
    return tuple(_result_text(block) for block in last.parts_of("tool_result"))


def _result_text(block: JsonObject) -> str:
    content = block.get("content", "")
    return content if isinstance(content, str) else "".join(Turn(0, "tool", objects_in(content), {}).texts)


def _chosen_name(choice: str | JsonObject) -> object:
    if isinstance(choice, str):
        return None
    if is_list(names := choice.get("allowed_function_names")):
        return names[0]
    function = choice.get("function")
    return function.get("name") if is_object(function) else choice.get("name")


def _tool_name(tool: JsonObject) -> str:
    return str(_function(tool).get("name"))


def _schema(tool: JsonObject) -> JsonObject:
    function = _function(tool)
    schema = function.get("parameters", function.get("input_schema"))
    return schema if is_object(schema) else {}


def _function(tool: JsonObject) -> JsonObject:
    function = tool.get("function")
    return function if is_object(function) else tool


def _first_words(text: str, limit: int) -> str:
    for count, word in enumerate(re.finditer(r"\S+", text), 1):
        if count == limit:
            return text[: word.end()]
    return text
