"""The gist of a conversation in place of the conversation: how it is sealed, and what a model is told of it.

OpenAI encrypts it. Here it is the text itself, packed, for nothing stands in it that its holder has not said or read.
"""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from argo_proxy.canonical.errors import BadRequest

_MARK = "argo1."
MAX_GIST_BYTES = 4 * 2**20
MAX_GISTS = 16
"""Of so many conversations a request can tell the gist: a few bytes swell to a great many."""

_RECALLED = "Summary of the conversation so far:\n\n"


def sealed(gist: str) -> str:
    """What stands for the conversation, for the client to send back as it is."""
    return _MARK + urlsafe_b64encode(zlib.compress(gist.encode("utf-8", "replace"))).decode()


def recalled(content: str, where: str) -> str:
    """What a model is told of the conversation. Raises BadRequest for what was not sealed here."""
    gist = _unsealed(content)
    if gist is None:
        message = "this compaction was not made by argo-proxy, so it cannot be read here; send the conversation itself"
        raise BadRequest(message, param=f"{where}.encrypted_content")
    return _RECALLED + gist


def check_number(gists: int) -> None:
    """Raises BadRequest for too many."""
    if gists > MAX_GISTS:
        raise BadRequest(f"'input' takes at most {MAX_GISTS} compactions, not {gists}", param="input")


def _unsealed(content: str) -> str | None:
    if not content.startswith(_MARK):
        return None
    inflater = zlib.decompressobj()
    try:
        gist = inflater.decompress(urlsafe_b64decode(content[len(_MARK) :]), MAX_GIST_BYTES)
        return gist.decode() if inflater.eof else None
    except (ValueError, zlib.error):
        return None
