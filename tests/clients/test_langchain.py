"""LangChain by the Responses API, and its embeddings; its chats by Chat Completions are among the integration tests."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial, reduce
from importlib.resources import as_file, files
from operator import add
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from openai import DefaultAsyncHttpxClient, DefaultHttpxClient
from pydantic import BaseModel

from tests.integration.proxying import Proxy, chats
from tests.simulator.running import Gateway

every_family = pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"])
whole_and_streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
SMALL = "argo:text-embedding-3-small"
RANKS = "https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken"
ASK_WEATHER = f"call weather({json.dumps({'city': 'Oslo'})})"
OSLO = {"city": "Oslo", "degrees": 3, "wind": None}


class Forecast(BaseModel):
    """A forecast."""

    city: str
    degrees: int
    wind: str | None


@tool
def weather(city: str) -> str:
    """Look the weather up."""
    return f"cold in {city}"


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """LangChain reports to nobody, whatever the environment says."""
    monkeypatch.setenv("LANGSMITH_TRACING_V2", "false")


@pytest.fixture(scope="module")
def langchain(proxy: Proxy) -> Iterator[Callable[..., ChatOpenAI]]:
    with DefaultHttpxClient(verify=False) as http_client:
        clients = {"http_client": http_client, "http_async_client": DefaultAsyncHttpxClient(verify=False)}
        plain = {"base_url": proxy.url, "api_key": "any", "max_retries": 0, "use_responses_api": True}
        yield partial(ChatOpenAI, **plain, **clients)


def ask(llm: Any, asked: Any, stream: bool) -> Any:
    """The answer; of a stream, the sum of its pieces."""
    answer = reduce(add, llm.stream(asked)) if stream else llm.invoke(asked)
    assert isinstance(answer, AIMessageChunk) is stream
    return answer


@every_family
@whole_and_streamed
def test_it_answers(langchain: Callable[..., ChatOpenAI], model: str, stream: bool) -> None:
    answer = ask(langchain(model=model), [SystemMessage("Be brief."), HumanMessage("hi")], stream)
    assert answer.text == "You said: hi"
    assert answer.response_metadata["id"].startswith("resp_")
    assert answer.usage_metadata["total_tokens"] > 0


@every_family
@whole_and_streamed
def test_a_round_with_a_tool(langchain: Callable[..., ChatOpenAI], model: str, stream: bool) -> None:
    bound = langchain(model=model).bind_tools([weather])
    messages: list[Any] = [HumanMessage(ASK_WEATHER)]
    first = ask(bound, messages, stream)
    assert [(call["name"], call["args"]) for call in first.tool_calls] == [("weather", {"city": "Oslo"})]
    messages += [first, *(weather.invoke(call) for call in first.tool_calls)]
    assert ask(bound, messages, stream).text == "The tool said: cold in Oslo"


@every_family
@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
def test_it_answers_in_a_form(langchain: Callable[..., ChatOpenAI], gateway: Gateway, model: str, method: Any) -> None:
    called = {"calls": [{"name": "Forecast", "arguments": OSLO}]}
    gateway.script(called if method == "function_calling" else {"text": json.dumps(OSLO)})
    forecast = langchain(model=model).with_structured_output(Forecast, method=method).invoke("Oslo, as JSON?")
    assert forecast == Forecast(**OSLO)


@whole_and_streamed
def test_it_goes_on_from_an_earlier_answer(
    langchain: Callable[..., ChatOpenAI], gateway: Gateway, stream: bool
) -> None:
    llm = langchain(model="argo:gpt-4o", use_previous_response_id=True).bind_tools([weather])
    messages: list[Any] = [HumanMessage(ASK_WEATHER)]
    first: AIMessage = ask(llm, messages, stream)
    messages += [first, *(weather.invoke(call) for call in first.tool_calls)]
    messages += [ask(llm, messages, stream), HumanMessage("Thanks.")]
    assert ask(llm, messages, stream).text == "You said: Thanks."
    told = chats(gateway.received())[-1]["body"]["messages"]
    assert [message["role"] for message in told] == ["user", "assistant", "tool", "assistant", "user"]


@pytest.mark.parametrize("asked", [{}, {"dimensions": 256}], ids=["whole", "shortened"])
def test_embeddings_from_tokens_are_those_of_the_text(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    with as_file(files("argo_proxy.tokenizer_data") / "cl100k_base.tiktoken") as ranks:
        shutil.copy(ranks, tmp_path / hashlib.sha1(RANKS.encode()).hexdigest())
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    with DefaultHttpxClient(verify=False) as http_client:
        clients = {"http_client": http_client, "http_async_client": DefaultAsyncHttpxClient(verify=False)}
        plain = {"model": SMALL, "base_url": proxy.url, "api_key": "any", "max_retries": 0, **asked, **clients}
        by_tokens = OpenAIEmbeddings(**plain).embed_documents(["one", "two words"])
        by_text = OpenAIEmbeddings(**plain, check_embedding_ctx_length=False).embed_documents(["one", "two words"])
    assert [len(vector) for vector in by_tokens] == [asked.get("dimensions", 1536)] * 2
    for ours, theirs in zip(by_tokens, by_text, strict=True):
        assert ours == pytest.approx(theirs)
