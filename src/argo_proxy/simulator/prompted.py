"""A model that was told of tools in its prompt: it writes its calls, and reads their results, as plain text."""

import json
import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from argo_proxy.simulator.models import Model
from argo_proxy.simulator.strict.ask import Ask, Turn
from argo_proxy.simulator.words import Call, calls_in

CALL_TAG: Final = "<tool_call>"
_RESULT: Final = re.compile(r"<tool_result\b[^>]*>(.*?)</tool_result>", re.DOTALL)


def prompted_text(ask: Ask) -> str | None:
    """The calls that the user spells, or the results that came back; None when there is neither, or no such prompt."""
    if ask.body.offered_tools or not any(_is_prompt(turn, ask.model) for turn in ask.turns):
        return None
    asked = _after_last_answer(ask.turns)
    reports = (turn for turn in asked if not _is_prompt(turn, ask.model))
    if results := _RESULT.findall(_text(tuple(reports))):
        return f"The tool said: {' '.join(result.strip() for result in results)}"
    calls = [_written(call) for call in calls_in(_text(asked))]
    return "\n".join(["I will use a tool.", *calls]) if calls else None


def _is_prompt(turn: Turn, model: Model) -> bool:
    """A prompt is a system message, or a user's where a model has no system role; it shows results as examples only."""
    roles = ("user",) if model.preview else ("system", "developer")
    return turn.role in roles and CALL_TAG in "".join(turn.texts)


def _after_last_answer(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The user's messages since the model last spoke, which count as one."""
    latest = takewhile(lambda turn: turn.role != "assistant", reversed(turns))
    return tuple(turn for turn in latest if turn.role == "user")[::-1]


def _text(turns: Sequence[Turn]) -> str:
    return "\n".join("".join(turn.texts) for turn in turns)


def _written(call: Call) -> str:
    said = {"name": call.name, "arguments": call.arguments}
    return f"{CALL_TAG}{json.dumps(said, ensure_ascii=False)}</tool_call>"
