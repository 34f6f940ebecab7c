"""Claude's content blocks: text, images, tool_use and tool_result, and how calls and results must pair up."""

import re
from collections.abc import Mapping
from typing import Final

from argo_proxy.simulator.shapes import JsonObject, is_object, objects_in
from argo_proxy.simulator.strict.ask import Turn
from argo_proxy.simulator.strict.parts import (
    PartCheck,
    check_image_bytes,
    check_image_url,
    check_keys,
    check_parts,
    check_text,
)
from argo_proxy.simulator.strict.refusals import Fault, Refused, anthropic_fault
from argo_proxy.simulator.strict.tools import check_id

CALL_ID: Final = re.compile(r"[a-zA-Z0-9_-]+")
TOOL_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,200}")


def check_blocks(turn: Turn) -> None:
    check_parts(turn, _BLOCKS.get(turn.role, {}), anthropic_fault)
    if isinstance(turn.content, str):
        _refuse_blank(turn.content, anthropic_fault)
    kinds = [part["type"] for part in turn.parts]
    if "tool_result" in kinds[kinds.count("tool_result") :]:
        raise anthropic_fault(f"messages.{turn.index}.content: `tool_result` blocks must come first")


def call_ids(turn: Turn) -> list[str]:
    return [str(part.get("id")) for part in turn.parts_of("tool_use")]


def result_ids(turn: Turn) -> list[str]:
    return [str(part.get("tool_use_id")) for part in turn.parts_of("tool_result")]


def check_answered(turn: Turn, pending: list[str], results: list[str]) -> None:
    """Results may come in any order, but there is exactly one for each pending call."""
    if unknown := sorted(set(results) - set(pending)):
        message = f"unexpected `tool_use_id` found in `tool_result` blocks: {', '.join(unknown)}"
        raise anthropic_fault(
            f"messages.{turn.index}.content: {message}. Each `tool_result` block must have a corresponding "
            "`tool_use` block in the previous message."
        )
    if missing := sorted(set(pending) - set(results)):
        raise unanswered(turn.index - 1, missing)
    if sorted(pending) != sorted(results):
        raise anthropic_fault("each tool_use must have a single result. Found multiple `tool_result` blocks")


def unanswered(index: int, call_ids: list[str]) -> Refused:
    return anthropic_fault(
        f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: "
        f"{', '.join(call_ids)}. Each `tool_use` block must have a corresponding `tool_result` block in the "
        "next message."
    )


def _check_text(part: JsonObject, fault: Fault) -> None:
    check_text(part, fault)
    _refuse_blank(str(part["text"]), fault)


def _refuse_blank(text: str, fault: Fault) -> None:
    if not text:
        raise fault("messages: text content blocks must be non-empty")
    if text.isspace():
        raise fault("messages: text content blocks must contain non-whitespace text")


def _check_image(part: JsonObject, fault: Fault) -> None:
    check_keys(part, {"type", "source"}, fault)
    source = part.get("source")
    if not is_object(source) or source.get("type") != "base64":
        raise fault("image.source: only base64 sources are accepted")
    check_keys(source, {"type", "media_type", "data"}, fault)
    check_image_bytes(source.get("media_type"), source.get("data"), fault)


def _check_call(part: JsonObject, fault: Fault) -> None:
    check_keys(part, {"type", "id", "name", "input"}, fault)
    _check_call_id(part.get("id"), fault)
    if not TOOL_NAME.fullmatch(str(part.get("name"))):
        raise fault(f"tool_use.name: String should match pattern '^{TOOL_NAME.pattern}$'")
    if not is_object(part.get("input")):
        raise fault("tool_use.input: Input should be a valid dictionary")


def _check_result(part: JsonObject, fault: Fault) -> None:
    check_keys(part, {"type", "tool_use_id", "content", "is_error"}, fault)
    _check_call_id(part.get("tool_use_id"), fault)
    if not isinstance(part.get("is_error", False), bool):
        raise fault("tool_result.is_error: Input should be a valid boolean")
    match part.get("content", ()):
        case str(text):
            _refuse_blank(text, fault)
        case ():
            return
        case content:
            _check_result_blocks(objects_in(content), fault)


def _check_result_blocks(parts: tuple[JsonObject, ...] | None, fault: Fault) -> None:
    if not parts:
        raise fault("tool_result.content: Input should be a string or a list of blocks")
    for part in parts:
        check = _RESULT_BLOCKS.get(str(part.get("type")))
        if check is None:
            raise fault(f"tool_result.content: unsupported block type {part.get('type')!r}")
        check(part, fault)


def _check_call_id(call_id: object, fault: Fault) -> None:
    if not CALL_ID.fullmatch(check_id(call_id, fault)):
        raise fault(f"tool_use.id: String should match pattern '^{CALL_ID.pattern}$'")


_RESULT_BLOCKS: Final[Mapping[str, PartCheck]] = {
    "text": _check_text,
    "image": _check_image,
    "image_url": check_image_url,
}
_BLOCKS: Final[Mapping[str, Mapping[str, PartCheck]]] = {
    "system": {"text": _check_text},
    "user": {**_RESULT_BLOCKS, "tool_result": _check_result},
    "assistant": {"text": _check_text, "tool_use": _check_call},
}
