"""What a client asks for and what it gets: the request and the reply, whatever the dialect or the upstream."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

Role: TypeAlias = Literal["system", "user", "assistant"]
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


Part: TypeAlias = Text | Image | ImageLink


class Message(Struct, frozen=True):
    """One turn of the conversation."""

    role: Role
    parts: tuple[Part, ...]
    name: str | None = None

    @property
    def text(self) -> str:
        """The text parts, one below the other."""
        return "\n".join(part.text for part in self.parts if isinstance(part, Text))


class Sampling(Struct, frozen=True):
    """How the answer is drawn; None leaves it to the model. `max_tokens` limits the answer alone."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    limit_name: str = "max_tokens"
    """What the client calls `max_tokens`."""


class ChatRequest(Struct, frozen=True):
    """One request for `choices` independent answers.

    `adjusted` tells the client what was changed on the way, as `what how` ("seed dropped").
    """

    model: str | None
    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    choices: int = 1
    stream: bool = False
    stream_usage: bool = False
    timeout_s: float | None = None
    adjusted: tuple[str, ...] = ()


class Usage(Struct, frozen=True, gc=False):
    """Tokens of one answer; `estimated` when the proxy counted them because ARGO did not say."""

    input_tokens: int
    output_tokens: int
    estimated: bool


UNCOUNTED = Usage(0, 0, estimated=True)


class Reply(Struct, frozen=True):
    """A whole answer."""

    text: str
    reason: FinishReason
    usage: Usage
