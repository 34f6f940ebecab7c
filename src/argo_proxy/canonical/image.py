"""Which image formats there are, told by their first bytes."""

from __future__ import annotations

import base64

from argo_proxy.canonical.chat import Image
from argo_proxy.canonical.errors import BadRequest

_SNIFFED_CHARS = 32


def media_type(data: bytes) -> str | None:
    """The media type of an image that every vision model on ARGO knows, or None. Needs the first 12 bytes."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def image_from_data_url(url: str, param: str) -> Image:
    """The image of a `data:image/..;base64,..` URL, named by what it is, not by what it claims. Raises BadRequest."""
    head, comma, data = url.partition(",")
    kind = head.lower()
    if not comma or not kind.startswith("data:") or not kind.endswith(";base64"):
        raise BadRequest("an image must be a data URL in base64 or an http(s) URL", param=param)
    found = media_type(_first_bytes(data, param))
    if found is None:
        raise BadRequest("the image is none of PNG, JPEG, GIF and WebP", param=param)
    return Image(found, data)


def _first_bytes(data: str, param: str) -> bytes:
    try:
        base64.b64decode(data, validate=True)
        return base64.b64decode(data[:_SNIFFED_CHARS])
    except ValueError as error:
        raise BadRequest(f"the image is not valid base64: {error}", param=param) from error
