"""LlamaIndex, which needs an older OpenAI client than the others: chat, streams, tools, completions, embeddings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from functools import partial

import httpx
import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike

from tests.integration.proxying import Proxy, chats
from tests.simulator.running import Gateway

every_family = pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"])
SMALL = "argo:text-embedding-3-small"
HI = [ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content="hi")]
ASK_WEATHER = f"call weather({json.dumps({'city': 'Oslo'})})"


def weather(city: str) -> str:
    """Look the weather up."""
    return f"cold in {city}"


WEATHER = FunctionTool.from_defaults(weather)


@pytest.fixture
def llama(proxy: Proxy) -> Iterator[Callable[..., OpenAILike]]:
    with httpx.Client() as http_client:
        plain = {"api_base": proxy.url, "api_key": "any", "max_retries": 0, "context_window": 100_000}
        yield partial(OpenAILike, **plain, http_client=http_client, is_function_calling_model=True)


@every_family
def test_a_chat_model_answers_whole_and_in_pieces(llama: Callable[..., OpenAILike], model: str) -> None:
    llm = llama(model=model, is_chat_model=True)
    assert llm.chat(HI).message.content == "You said: hi"
    pieces = [piece.delta for piece in llm.stream_chat(HI)]
    assert len(pieces) > 1
    assert "".join(piece or "" for piece in pieces) == "You said: hi"
    assert llm.complete("hi").text == "You said: hi"


@every_family
def test_a_model_that_completes_answers_whole_and_in_pieces(llama: Callable[..., OpenAILike], model: str) -> None:
    llm = llama(model=model, is_chat_model=False)
    assert llm.complete("once upon").text == "You said: once upon"
    assert [piece.text for piece in llm.stream_complete("once upon")][-1] == "You said: once upon"


@every_family
def test_a_round_with_a_tool(llama: Callable[..., OpenAILike], model: str) -> None:
    llm = llama(model=model, is_chat_model=True)
    answer = llm.predict_and_call([WEATHER], ASK_WEATHER)
    assert str(answer) == "cold in Oslo"


@every_family
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_the_result_of_a_call_goes_back(llama: Callable[..., OpenAILike], model: str, stream: bool) -> None:
    llm = llama(model=model, is_chat_model=True)
    asked = [ChatMessage(role="user", content=ASK_WEATHER)]
    if stream:
        *_, first = llm.stream_chat_with_tools([WEATHER], chat_history=asked)
    else:
        first = llm.chat_with_tools([WEATHER], chat_history=asked)
    (call,) = llm.get_tool_calls_from_response(first)
    assert (call.tool_name, call.tool_kwargs) == ("weather", {"city": "Oslo"})
    result = ChatMessage(role="tool", content="cold", additional_kwargs={"tool_call_id": call.tool_id})
    last = llm.chat_with_tools([WEATHER], chat_history=[*asked, first.message, result])
    assert last.message.content == "The tool said: cold"


def test_embeddings_one_by_one_and_many_at_once(proxy: Proxy, gateway: Gateway) -> None:
    plain = {"model_name": SMALL, "api_base": proxy.url, "api_key": "any", "max_retries": 0, "embed_batch_size": 20}

    async def alone() -> list[float]:
        async with httpx.AsyncClient() as async_http_client:
            embedder = OpenAILikeEmbedding(**plain, async_http_client=async_http_client)
            return await embedder.aget_query_embedding("text 7")

    with httpx.Client() as http_client:
        embedder = OpenAILikeEmbedding(**plain, http_client=http_client)
        many = embedder.get_text_embedding_batch([f"text {number}" for number in range(20)])
    assert [len(vector) for vector in many] == [1536] * 20
    assert len(chats(gateway.received())) == 2
    assert asyncio.run(alone()) == pytest.approx(many[7])
