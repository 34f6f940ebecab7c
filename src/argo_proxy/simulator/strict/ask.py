"""A request as the rules look at it: the body, its model, and the conversation as turns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from msgspec import UNSET

from argo_proxy.simulator.models import Model
from argo_proxy.simulator.shapes import JsonObject, is_list, objects_in
from argo_proxy.simulator.strict.body import ChatBody
from argo_proxy.simulator.strict.refusals import body_fault


@dataclass(frozen=True, slots=True)
class Turn:
    """One message; `content` is None when the key is missing, `message` keeps the other keys."""

    index: int
    role: str
    content: str | tuple[JsonObject, ...] | None
    message: JsonObject

    @property
    def parts(self) -> tuple[JsonObject, ...]:
        return self.content if isinstance(self.content, tuple) else ()

    def parts_of(self, kind: str) -> tuple[JsonObject, ...]:
        return tuple(part for part in self.parts if part.get("type") == kind)

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of the message: its content, or that of each of its text parts."""
        if isinstance(self.content, str):
            return (self.content,)
        return tuple(text for part in self.parts_of("text") if isinstance(text := part.get("text"), str))


@dataclass(frozen=True, slots=True)
class Ask:
    body: ChatBody
    model: Model
    turns: tuple[Turn, ...]
    streaming: bool = False


Rule: TypeAlias = Callable[[Ask], None]


def read_turns(body: ChatBody) -> tuple[Turn, ...]:
    """The conversation, whether it was written as `messages` or as `system` and `prompt`."""
    if body.messages is not UNSET:
        return tuple(_turn(index, message) for index, message in enumerate(body.messages))
    said: list[JsonObject] = []
    if body.system is not UNSET:
        said.append({"role": "system", "content": body.system})
    said.extend({"role": "user", "content": prompt} for prompt in _prompts(body))
    return tuple(_turn(index, message) for index, message in enumerate(said))


def _prompts(body: ChatBody) -> list[str]:
    return [] if body.prompt is UNSET else body.prompt


def _turn(index: int, message: JsonObject) -> Turn:
    role = message.get("role")
    if not isinstance(role, str):
        raise body_fault(("messages", index, "role"), "Input should be a valid string", "string_type")
    return Turn(index, role, _content(index, message), message)


def _content(index: int, message: JsonObject) -> str | tuple[JsonObject, ...] | None:
    if "content" not in message:
        return None
    content = message["content"]
    if isinstance(content, str):
        return content
    parts = objects_in(content) if is_list(content) else None
    if not parts:
        raise body_fault(("messages", index, "content"), "Input should be a string or a list of parts", "string_type")
    return parts
