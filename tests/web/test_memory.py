"""What responses remember of each other."""

from __future__ import annotations

import json

import pytest

from argo_proxy.canonical.chat import ChatRequest, Reply, Text, Usage
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.openai_responses import ResponseStream, parse, whole
from argo_proxy.state import Limits, MemoryStore, StoredResponse
from argo_proxy.web.memory import Memory
from tests.gateway.loopback import run_on_asyncio
from tests.state.keeping import Clock
from tests.web.background_scene import memory_store, ready

USAGE = Usage(7, 5, estimated=False)


def asked(given: object, **more: object) -> ChatRequest:
    return parse(json.dumps({"model": "argo:gpt-4o", "input": given, **more}).encode())


async def answered(memory: Memory, request: ChatRequest, reply_id: str, text: str, owner: str = "me") -> None:
    response = whole(request, Reply((Text(text),), "stop", USAGE), reply_id, 0, 0)
    await memory.keep(ready(request), owner, reply_id, response)


def test_a_response_goes_on_from_all_that_came_before() -> None:
    async def play() -> list[str]:
        memory = Memory(memory_store())
        await answered(memory, asked("a"), "1a", "b")
        second = await memory.recall(asked("c", previous_response_id="resp_1a"), "me")
        await answered(memory, second, "2b", "d")
        third = await memory.recall(asked([{"id": "msg_1ao0"}], previous_response_id="resp_2b"), "me")
        return [message.text for message in third.messages]

    assert run_on_asyncio(play()) == ["a", "b", "c", "d", "b"]


def test_items_of_several_responses_can_be_referred_to() -> None:
    async def play() -> list[str]:
        memory = Memory(memory_store())
        await answered(memory, asked("a"), "1a", "b")
        await answered(memory, asked("c"), "2b", "d")
        named = [{"type": "item_reference", "id": item} for item in ("msg_2bo0", "msg_1ai0", "msg_2bo0")]
        return [message.text for message in (await memory.recall(asked(named), "me")).messages]

    assert run_on_asyncio(play()) == ["d", "a", "d"]


class CountingStore(MemoryStore):
    """Counts how often it is asked."""

    asked = 0

    async def get(self, response_id: str, owner: str) -> StoredResponse | None:
        self.asked += 1
        return await super().get(response_id, owner)


def test_items_of_one_conversation_are_looked_up_once() -> None:
    async def play() -> tuple[list[str], int]:
        store = CountingStore(Limits(2**20, 3600), Clock(0))
        memory = Memory(store)
        await answered(memory, asked("a"), "1a", "b")
        second = await memory.recall(asked("c", previous_response_id="resp_1a"), "me")
        await answered(memory, second, "2b", "d")
        store.asked = 0
        named = [{"type": "item_reference", "id": item} for item in ("msg_1ao0", "msg_2bi0", "msg_2bo0")]
        request = await memory.recall(asked(named), "me")
        return [message.text for message in request.messages], store.asked

    assert run_on_asyncio(play()) == (["b", "c", "d"], 1)


def test_a_response_without_an_answer_cannot_be_gone_on_from() -> None:
    async def play() -> None:
        memory = Memory(memory_store())
        request = asked("a", background=True)
        await memory.keep(ready(request), "me", "1a", ResponseStream(request, "1a", 0).response)
        await memory.recall(asked("b", previous_response_id="resp_1a"), "me")

    with pytest.raises(BadRequest, match="no answer as yet") as caught:
        run_on_asyncio(play())
    assert caught.value.param == "previous_response_id"


def test_a_request_that_goes_on_from_nothing_is_the_same_one() -> None:
    request = asked("a")
    assert run_on_asyncio(Memory(memory_store()).recall(request, "me")) is request


@pytest.mark.parametrize(
    ("owner", "body", "status"),
    [
        ("me", {"previous_response_id": "resp_9"}, 400),
        ("you", {"previous_response_id": "resp_1a"}, 400),
        ("me", {"input": [{"id": "msg_9o0"}]}, 404),
        ("me", {"input": [{"id": "msg_of_another_kind"}]}, 404),
        ("you", {"input": [{"id": "msg_1ao0"}]}, 404),
    ],
)
def test_what_is_not_there_or_anothers_is_refused(owner: str, body: dict[str, object], status: int) -> None:
    async def play() -> None:
        memory = Memory(memory_store())
        await answered(memory, asked("a"), "1a", "b")
        await memory.recall(parse(json.dumps({"input": "c", **body}).encode()), owner)

    with pytest.raises(BadRequest) as caught:
        run_on_asyncio(play())
    assert caught.value.http_status == status


def test_what_is_not_to_be_stored_is_not() -> None:
    async def play() -> None:
        memory = Memory(memory_store())
        await answered(memory, asked("a", store=False), "1a", "b")
        await memory.find("resp_1a", "me")

    with pytest.raises(BadRequest, match="not found"):
        run_on_asyncio(play())


def test_what_is_forgotten_is_gone_for_its_owner_alone() -> None:
    async def play() -> None:
        memory = Memory(memory_store())
        await answered(memory, asked("a"), "1a", "b")
        with pytest.raises(BadRequest):
            await memory.forget("resp_1a", "you")
        assert (await memory.find("resp_1a", "me")).id == "resp_1a"
        await memory.forget("resp_1a", "me")
        with pytest.raises(BadRequest):
            await memory.find("resp_1a", "me")

    run_on_asyncio(play())
