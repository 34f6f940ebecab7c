import zlib
from base64 import urlsafe_b64encode

import pytest

from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.openai_responses.gist import MAX_GIST_BYTES, recalled, sealed


def packed(gist: bytes) -> str:
    return "argo1." + urlsafe_b64encode(gist).decode()


@pytest.mark.parametrize("gist", ["", "They met.", "é🦜\n" * 10_000])
def test_what_was_sealed_is_recalled(gist: str) -> None:
    assert recalled(sealed(gist), "input[0]") == "Summary of the conversation so far:\n\n" + gist
    assert sealed(gist).isascii()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "gAAAAABo",
        "argo1.",
        "argo1.é",
        "argo1.QUJD",
        sealed("They met.")[:-4],
        packed(zlib.compress(b"\xff")),
        packed(zlib.compress(bytes(MAX_GIST_BYTES + 1))),
    ],
    ids=["empty", "openai", "mark", "letters", "unpacked", "cut off", "no text", "bomb"],
)
def test_what_was_not_sealed_here_is_refused(content: str) -> None:
    with pytest.raises(BadRequest, match="was not made by argo-proxy") as caught:
        recalled(content, "input[3]")
    assert caught.value.param == "input[3].encrypted_content"
