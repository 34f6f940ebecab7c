"""What a client asks for and what it gets: the request and the reply, whatever the dialect or the upstream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

JsonObject: TypeAlias = dict[str, object]

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter"]


class Text(Struct, frozen=True, gc=False):
    """A piece of text, possibly empty."""

    text: str


class Image(Struct, frozen=True, gc=False):
    """An image inlined as base64; `media_type` is `image/png`, `image/jpeg`, `image/gif` or `image/webp`."""

    media_type: str
    data: str
    detail: Literal["auto", "low", "high"] = "auto"


class ImageLink(Struct, frozen=True, gc=False):
    """An image still to be fetched from an http(s) address; no upstream ever sees one."""

    url: str
    detail: Literal["auto", "low", "high"] = "auto"


Content: TypeAlias = Text | Image | ImageLink


class ToolCall(Struct, frozen=True, gc=False):
    """A call of a tool. `arguments` is JSON text as the model wrote it, which need not be valid."""

    call_id: str
    name: str
    arguments: str


class ToolResult(Struct, frozen=True):
    """What came of a call; nothing at all where `content` is empty."""

    call_id: str
    content: tuple[Content, ...]

    @property
    def text(self) -> str:
        """The text parts, one below the other."""
        return _text_of(self.content)


Part: TypeAlias = Content | ToolCall | ToolResult


class Message(Struct, frozen=True):
    """One turn of the conversation. Calls stand in turns of the assistant, results in turns of the role `tool`."""

    role: Role
    parts: tuple[Part, ...]
    name: str | None = None

    @property
    def text(self) -> str:
        """The text parts, one below the other."""
        return _text_of(self.parts)

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls that were made in this turn; only the assistant makes any."""
        if self.role != "assistant":
            return ()
        return tuple([part for part in self.parts if type(part) is ToolCall])


def _text_of(parts: Iterable[Part]) -> str:
    return "\n".join([part.text for part in parts if type(part) is Text])


class Tool(Struct, frozen=True):
    """A function that the model may call. `parameters` is the JSON Schema of its arguments; None: it takes none."""

    name: str
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool = False


class ToolChoice(Struct, frozen=True):
    """Whether tools may, must or must not be called; where there are `names`, only those of them."""

    mode: Literal["auto", "none", "required"] = "auto"
    names: tuple[str, ...] = ()


class JsonOutput(Struct, frozen=True):
    """The answer has to be JSON: of this schema, or any object where there is none."""

    schema: JsonObject | None = None
    description: str | None = None
    param: str = "response_format"
    """Where the client has written the schema."""


class Sampling(Struct, frozen=True):
    """How the answer is drawn; None leaves it to the model. `max_tokens` limits the answer alone."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    limit_name: str = "max_tokens"
    """What the client calls `max_tokens`."""
    stop_here: bool = False
    """Whether to keep the stop sequences from the model, which would stop inside what is no text of the answer."""


class ChatRequest(Struct, frozen=True):
    """One request for `choices` independent answers.

    `adjusted` tells the client what was changed on the way, as `what how` ("seed dropped").
    """

    model: str | None
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    parallel_tools: bool = True
    output: JsonOutput | None = None
    sampling: Sampling = Sampling()
    choices: int = 1
    stream: bool = False
    stream_usage: bool = False
    timeout_s: float | None = None
    prompt_tokens: tuple[int, ...] = ()
    """What is asked, as tokens of the model, in place of messages; no transform ever sees it."""
    repeats_prompt: bool = False
    """Whether the answer begins with what was asked."""
    also: tuple[ChatRequest, ...] = ()
    """Further requests that are answered along with this one, for as many choices each."""
    adjusted: tuple[str, ...] = ()
    echo: object = None
    """What the dialect wants to find again when it words the answer; nobody else looks at it."""

    @property
    def may_call(self) -> bool:
        """Whether the model may answer with calls in its provider's own form."""
        return bool(self.tools) and self.tool_choice.mode != "none"

    def changed(self, *what: str) -> ChatRequest:
        """The same request, which tells the client of these changes too."""
        return replace(self, adjusted=self.adjusted + what) if what else self


class Usage(Struct, frozen=True, gc=False):
    """Tokens of one answer; `estimated` when the proxy counted them because ARGO did not say."""

    input_tokens: int
    output_tokens: int
    estimated: bool


UNCOUNTED = Usage(0, 0, estimated=True)


class Reply(Struct, frozen=True):
    """A whole answer, its parts in the order in which they came."""

    parts: tuple[Text | ToolCall, ...]
    reason: FinishReason
    usage: Usage

    @property
    def text(self) -> str:
        """All text of the answer."""
        return "".join([part.text for part in self.parts if type(part) is Text])

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls that the model makes."""
        return tuple([part for part in self.parts if type(part) is ToolCall])
