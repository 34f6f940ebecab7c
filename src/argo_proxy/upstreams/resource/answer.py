"""The wire shape of a whole answer of the resource API."""

from __future__ import annotations

from msgspec import Struct

from argo_proxy.upstreams.resource.calls import WireCall


class TextPart(Struct):
    text: str = ""


class Spoken(Struct):
    content: str | list[TextPart] | None = None
    tool_calls: list[WireCall] | WireCall | None = None


class Answer(Struct):
    response: str | Spoken | None = None
