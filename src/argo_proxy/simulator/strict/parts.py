"""Content parts that every family shares: text, and images as data URLs."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from argo_proxy.simulator.shapes import JsonObject, is_object
from argo_proxy.simulator.strict.ask import Turn
from argo_proxy.simulator.strict.refusals import Fault

IMAGE_TYPES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

PartCheck: TypeAlias = Callable[[JsonObject, Fault], None]


def check_parts(turn: Turn, checks: Mapping[str, PartCheck], fault: Fault) -> None:
    """Every part must be of a type in `checks` and pass its check."""
    for part in turn.parts:
        check = checks.get(str(part.get("type")))
        if check is None:
            raise fault(f"messages.{turn.index}.content: unsupported content type {part.get('type')!r}")
        check(part, fault)


def check_text(part: JsonObject, fault: Fault) -> None:
    check_keys(part, {"type", "text"}, fault)
    if not isinstance(part.get("text"), str):
        raise fault("text content parts need a text")


def check_image_url(part: JsonObject, fault: Fault) -> None:
    check_keys(part, {"type", "image_url"}, fault)
    image = part.get("image_url")
    if not is_object(image) or not isinstance(url := image.get("url"), str):
        raise fault("image_url must be an object with a url")
    check_keys(image, {"url", "detail"}, fault)
    media_type, comma, data = url.removeprefix("data:").partition(";base64,")
    if not url.startswith("data:") or not comma:
        raise fault("only data URLs in base64 are accepted as images")
    check_image_bytes(media_type, data, fault)


def check_image_bytes(media_type: object, data: object, fault: Fault) -> None:
    if media_type not in IMAGE_TYPES:
        raise fault(f"unsupported image format {media_type!r}")
    try:
        decoded = base64.b64decode(data, validate=True) if isinstance(data, str) else b""
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded:
        raise fault("the image is not valid base64")


def check_keys(value: JsonObject, allowed: set[str] | frozenset[str], fault: Fault) -> None:
    for key in value:
        if key not in allowed:
            raise fault(f"unknown key {key!r}; allowed: {', '.join(sorted(allowed))}")


def check_roles_and_keys(turn: Turn, keys: Mapping[str, frozenset[str]], fault: Fault) -> None:
    """`keys` names the roles of a family and what a message of each may hold."""
    allowed = keys.get(turn.role)
    if allowed is None:
        raise fault(f"messages.{turn.index}.role: {turn.role!r} is not one of {', '.join(keys)}")
    check_keys(turn.message, allowed, fault)
    if turn.content is None and "tool_calls" not in turn.message:
        raise fault(f"messages.{turn.index}.content: field required")
