"""What a client sends to `POST /v1/chat/completions`, and its canonical form.

The wire types say what is legal; a typed decode reads and checks the body in one pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from argo_proxy.canonical.chat import ChatRequest, ImageLink, Message, Part, Role, Sampling, Text
from argo_proxy.canonical.errors import BadRequest, Unsupported
from argo_proxy.canonical.image import image_from_data_url
from argo_proxy.dialects.wire import decode_body

MAX_MESSAGES = 20_000
MAX_STOPS = 4
MAX_STOP_CHARS = 1000

_T = TypeVar("_T")
_Parts: TypeAlias = Annotated[list[_T], Meta(min_length=1)]


class _TextPart(Struct, tag="text"):
    text: str


class _ImageUrl(Struct):
    url: str
    detail: Literal["auto", "low", "high"] | None = None


class _ImagePart(Struct, tag="image_url"):
    image_url: _ImageUrl


class _RefusalPart(Struct, tag="refusal"):
    refusal: str


class _System(Struct, tag="system", tag_field="role"):
    content: str | _Parts[_TextPart]
    name: str | None = None


class _Developer(Struct, tag="developer", tag_field="role"):
    content: str | _Parts[_TextPart]
    name: str | None = None


class _User(Struct, tag="user", tag_field="role"):
    content: str | _Parts[_TextPart | _ImagePart]
    name: str | None = None


class _Assistant(Struct, tag="assistant", tag_field="role"):
    content: str | _Parts[_TextPart | _RefusalPart] | None = None
    refusal: str | None = None
    name: str | None = None
    tool_calls: list[dict[str, object]] | None = None
    function_call: dict[str, object] | None = None


class _Tool(Struct, tag="tool", tag_field="role"):
    pass


class _Function(Struct, tag="function", tag_field="role"):
    pass


_Message: TypeAlias = _System | _Developer | _User | _Assistant | _Tool | _Function


class _StreamOptions(Struct):
    include_usage: bool | None = None


class _ResponseFormat(Struct):
    type: str


class _Body(Struct):
    messages: Annotated[list[_Message], Meta(min_length=1, max_length=MAX_MESSAGES)]
    model: str | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1)] | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    stop: str | list[str] | None = None
    timeout: Annotated[float, Meta(gt=0, le=604_800)] | None = None
    response_format: _ResponseFormat | None = None
    modalities: list[str] | None = None
    tools: list[dict[str, object]] | None = None
    functions: list[dict[str, object]] | None = None
    # ARGO has no place for these; a value that only repeats the default is not worth a word.
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    logit_bias: dict[str, float] | None = None
    seed: int | None = None
    service_tier: str | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    prediction: dict[str, object] | None = None
    audio: dict[str, object] | None = None
    web_search_options: dict[str, object] | None = None


_DROPPED = (
    "frequency_penalty", "presence_penalty", "logprobs", "top_logprobs", "logit_bias", "seed", "service_tier",
    "reasoning_effort", "verbosity", "prediction",
)  # fmt: skip
_REFUSED = ("audio", "web_search_options", "tools", "functions")
_UNREMARKABLE: tuple[object, ...] = (None, 0, False, {}, [], "auto", "default")
_dropped_of, _NONE_DROPPED = attrgetter(*_DROPPED), (None,) * len(_DROPPED)
_refused_of, _NONE_REFUSED = attrgetter(*_REFUSED), (None,) * len(_REFUSED)
_DECODER = msgspec.json.Decoder(_Body)


def parse(body: bytes) -> ChatRequest:
    """The canonical form of a request body. Raises BadRequest, or Unsupported for what would change its meaning."""
    wire = decode_body(_DECODER, body)
    _refuse(wire)
    limit_name, adjusted = _limit_name(wire)
    return ChatRequest(
        model=wire.model,
        messages=tuple(_message(index, message) for index, message in enumerate(wire.messages)),
        sampling=Sampling(
            wire.temperature, wire.top_p, getattr(wire, limit_name), _stops(wire.stop), limit_name=limit_name
        ),
        choices=wire.n or 1,
        stream=bool(wire.stream),
        stream_usage=bool(wire.stream_options and wire.stream_options.include_usage),
        timeout_s=wire.timeout,
        adjusted=adjusted + _dropped(wire),
    )


def _refuse(wire: _Body) -> None:
    if _refused_of(wire) != _NONE_REFUSED:
        for name in _REFUSED:
            if _matters(wire, name):
                raise Unsupported(f"'{name}' is not supported on ARGO", param=name)
    if wire.modalities and wire.modalities != ["text"]:
        raise Unsupported("ARGO answers in text only: 'modalities' can only be [\"text\"]", param="modalities")
    if wire.response_format and wire.response_format.type != "text":
        raise Unsupported(f"'response_format' {wire.response_format.type!r} is not supported", param="response_format")
    if wire.stream_options and not wire.stream:
        raise BadRequest("'stream_options' is only allowed with \"stream\": true", param="stream_options")


def _dropped(wire: _Body) -> tuple[str, ...]:
    if _dropped_of(wire) == _NONE_DROPPED:
        return ()
    return tuple(f"{name} dropped" for name in _DROPPED if _matters(wire, name))


def _matters(wire: _Body, name: str) -> bool:
    return getattr(wire, name) not in _UNREMARKABLE


def _limit_name(wire: _Body) -> tuple[str, tuple[str, ...]]:
    """OpenAI has two names for the limit of the answer; the newer one wins."""
    if wire.max_completion_tokens is None:
        return "max_tokens", ()
    agreed = wire.max_tokens in (None, wire.max_completion_tokens)
    return "max_completion_tokens", () if agreed else ("max_tokens dropped",)


def _stops(stop: str | list[str] | None) -> tuple[str, ...]:
    stops = (stop,) if isinstance(stop, str) else tuple(stop or ())
    if len(stops) > MAX_STOPS:
        raise BadRequest(f"'stop' takes at most {MAX_STOPS} sequences, not {len(stops)}", param="stop")
    if any(len(text) > MAX_STOP_CHARS for text in stops):
        raise BadRequest(f"a sequence of 'stop' can have at most {MAX_STOP_CHARS} characters", param="stop")
    return tuple(text for text in stops if text)


def _message(index: int, message: _Message) -> Message:
    match message:
        case _System(content, name) | _Developer(content, name):
            return _text_message("system", content, name)
        case _User(content, name):
            return Message("user", tuple(_user_parts(index, content)), name)
        case _Assistant():
            return _assistant(index, message)
        case _Tool() | _Function():
            raise Unsupported("tool results are not supported on ARGO", param=f"messages[{index}].role")


def _text_message(role: Role, content: str | list[_TextPart], name: str | None) -> Message:
    texts = (content,) if isinstance(content, str) else (part.text for part in content)
    return Message(role, tuple(Text(text) for text in texts), name)


def _user_parts(index: int, content: str | list[_TextPart | _ImagePart]) -> Iterator[Part]:
    if isinstance(content, str):
        yield Text(content)
        return
    for number, part in enumerate(content):
        match part:
            case _TextPart(text):
                yield Text(text)
            case _ImagePart(image_url):
                yield _image(image_url, f"messages[{index}].content[{number}].image_url.url")


def _image(image: _ImageUrl, param: str) -> Part:
    detail = image.detail or "auto"
    if image.url[:8].lower().startswith(("http://", "https://")):
        return ImageLink(image.url, detail)
    return msgspec.structs.replace(image_from_data_url(image.url, param), detail=detail)


def _assistant(index: int, message: _Assistant) -> Message:
    for name, calls in (("tool_calls", message.tool_calls), ("function_call", message.function_call)):
        if calls:
            raise Unsupported("tool calls are not supported on ARGO", param=f"messages[{index}].{name}")
    content = message.content
    if content is None:
        return _text_message("assistant", message.refusal or "", message.name)
    if isinstance(content, str):
        return _text_message("assistant", content, message.name)
    texts = (part.text if isinstance(part, _TextPart) else part.refusal for part in content)
    return Message("assistant", tuple(Text(text) for text in texts), message.name)
