"""From a request to the call that is made for it."""

import pytest

from argo_proxy.canonical.chat import ChatRequest, Message, Sampling, Text, Tool
from argo_proxy.relay.shaping import Shaped, is_streamed
from tests.known import card

HI = (Message("user", (Text("hi"),)),)
SEARCH = Tool("search")


def asked(model: str = "gpt4o", *, stream: bool = False, **sampling: object) -> ChatRequest:
    return ChatRequest(model, HI, sampling=Sampling(**sampling), stream=stream)


@pytest.mark.parametrize(
    ("model", "stream", "real_stream", "limit", "streamed"),
    [
        ("gpt4o", False, True, None, False),
        ("gpt4o", True, True, None, True),
        ("gpt4o", True, False, None, False),
        ("gpto1mini", True, True, None, False),
        ("claudesonnet4", False, True, 21_000, False),
        ("claudesonnet4", False, True, 21_001, True),
        ("claudesonnet4", True, False, 21_001, True),
        ("gpt5", False, True, 128_000, False),
    ],
)
def test_the_call_is_streamed_for_who_streams_and_for_what_is_too_long_otherwise(
    model: str, stream: bool, real_stream: bool, limit: int | None, streamed: bool
) -> None:
    request = asked(model, stream=stream, max_tokens=limit)
    assert is_streamed(Shaped(request, card(model)), real_stream=real_stream) is streamed
