"""Which image formats there are, told by their first bytes."""

from __future__ import annotations

import base64

from argo_proxy.canonical.chat import Image
from argo_proxy.canonical.errors import BadRequest

_SNIFFED_CHARS = 32
_PIECE_CHARS = 2**20


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
    _check_base64(data, param)
    found = media_type(base64.b64decode(data[:_SNIFFED_CHARS]))
    if found is None:
        raise BadRequest("the image is none of PNG, JPEG, GIF and WebP", param=param)
    return Image(found, data)


def _check_base64(data: str, param: str) -> None:
    """Piece by piece, for as long as one takes nothing else goes on. Raises BadRequest."""
    try:
        for start in range(0, len(data), _PIECE_CHARS):
            base64.b64decode(data[start : start + _PIECE_CHARS], validate=True)
    except ValueError as error:
        raise BadRequest(f"the image is not valid base64: {error}", param=param) from error
    if 0 <= data.find("=") < len(data) - 2:
        raise BadRequest("the image is not valid base64: there is more after its end", param=param)
