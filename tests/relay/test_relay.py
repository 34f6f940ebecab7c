import asyncio
from threading import Event as ThreadEvent

import pytest
from msgspec.structs import replace

from argo_proxy.canonical.caller import Caller
from argo_proxy.canonical.chat import ChatRequest, JsonObject, Message, Text, Tool, Usage
from argo_proxy.canonical.events import Event, Events, ReplyFinished, TextDelta
from argo_proxy.canonical.spokes import Stage
from argo_proxy.relay import Answer, CheckedAnswer, Prepared, Waiting
from argo_proxy.tokens import TokenCounter, Tokenizers, load_counter
from tests.gateway.loopback import Visit, answering, pooling, run_on_asyncio, serving, turns
from tests.relay.relaying import relaying

HI = (Message("user", (Text("hi"),)),)
SCHEMA: JsonObject = {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(20)}}
TOOLS = tuple(Tool(f"f{number}", None, SCHEMA) for number in range(200))
LONG = 2**20
AT_ONCE = 1
"""How often the loop turns when it does nothing but that."""


async def turns_meanwhile(request: ChatRequest, size: int) -> int:
    """How often the loop turns while the request is prepared."""
    async with pooling() as pool:
        relay = relaying(pool, Tokenizers())
        preparing = asyncio.ensure_future(relay.prepare(request, Caller("jdoe"), size))
        return await turns_of(preparing)


async def turns_of(preparing: asyncio.Future[Prepared]) -> int:
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


async def _told_whole(answer: Answer | CheckedAnswer, told: list[Event], begun: asyncio.Event) -> None:
    def tell(events: Events) -> bool:
        told.extend(events)
        begun.set()
        return True

    while not answer.ended:
        await answer.more(tell)


def test_an_answer_that_cannot_be_read_for_a_fault_of_our_own_is_given_up() -> None:
    def broken() -> Stage:
        raise ZeroDivisionError

    async def behave(visit: Visit) -> None:
        await visit.request()
        visit.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await visit.until_left()

    async def play() -> None:
        async with serving(behave) as server, pooling(idle_timeout_s=60.0) as pool:
            url = f"http://{server.origin}/"
            relay = relaying(pool, Tokenizers(), argo_url=url, argo_stream_url=url)
            prepared = await relay.prepare(ChatRequest("argo:gpt-4o", HI, stream=True), Caller("jdoe"), 100)
            with pytest.raises(ZeroDivisionError):
                await relay.open(replace(prepared, stages=(broken,)), Waiting())
            [visit] = server.visits
            await visit.closed.wait()

    run_on_asyncio(play())


def test_text_does_not_wait_for_its_tokens_to_be_counted() -> None:
    async def play() -> None:
        said = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello world"
        async with serving(answering([said])) as server, pooling() as pool:
            url = f"http://{server.origin}/"
            go_on = ThreadEvent()

            def read(name: str) -> TokenCounter:
                go_on.wait()
                return load_counter(name)

            relay = relaying(pool, Tokenizers(read), argo_url=url, argo_stream_url=url)
            prepared = await relay.prepare(ChatRequest("argo:gpt-4o", HI, stream=True), Caller("jdoe"), 100)
            with await relay.open(prepared, Waiting()) as answer:
                told: list[Event] = []
                begun = asyncio.Event()
                ending = asyncio.ensure_future(_told_whole(answer, told, begun))
                await begun.wait()
                assert TextDelta("hello world") in told
                await turns()
                assert not ending.done()
                go_on.set()
                await ending
                assert told[-1] == ReplyFinished("stop", Usage(8, 2, estimated=True))

    run_on_asyncio(play())
