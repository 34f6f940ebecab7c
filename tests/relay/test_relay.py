import asyncio
from typing import Any

import pytest

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.chat import ChatRequest, JsonObject, Message, Text, Tool
from argo_proxy.gateway.images import ImageFetcher
from argo_proxy.relay import Relay
from argo_proxy.settings import Settings
from argo_proxy.tokens import Tokenizers
from tests.known import catalog

NOWHERE: Any = None
"""Where calls would go: none are made here."""
HI = (Message("user", (Text("hi"),)),)
SCHEMA: JsonObject = {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(20)}}
TOOLS = tuple(Tool(f"f{number}", None, SCHEMA) for number in range(200))
LONG = 2**20
AT_ONCE = 1
"""How often the loop turns when it does nothing but that."""


async def turns_meanwhile(request: ChatRequest, size: int) -> int:
    """How often the loop turns while the request is prepared."""
    images = ImageFetcher(allow_private=False, ca_file=None)
    settings = Settings(user="jdoe")
    relay = Relay(catalog=catalog(), calls=NOWHERE, images=images, tokenizers=Tokenizers(), settings=settings)
    preparing = asyncio.ensure_future(relay.prepare(request, Caller("jdoe"), size))
    turns = 0
    while not preparing.done():
        await asyncio.sleep(0)
        turns += 1
    assert preparing.result().body
    return turns


@pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro", "argo:o1-mini"])
def test_a_long_request_is_prepared_while_the_loop_goes_on(model: str) -> None:
    assert asyncio.run(turns_meanwhile(ChatRequest(model, HI, tools=TOOLS), LONG)) > AT_ONCE


def test_a_long_history_is_prepared_while_the_loop_goes_on_though_the_body_is_short() -> None:
    assert asyncio.run(turns_meanwhile(ChatRequest("argo:gpt-4o", HI * 500), 100)) > AT_ONCE


def test_a_short_request_is_prepared_at_once() -> None:
    assert asyncio.run(turns_meanwhile(ChatRequest("argo:gpt-4o", HI), 100)) == AT_ONCE
