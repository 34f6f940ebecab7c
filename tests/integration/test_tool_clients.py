"""Tools through the libraries that people use instead of OpenAI's client: whole rounds with every family of models."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from functools import partial, reduce
from operator import add
from typing import Any

import instructor
import openai
import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient
from pydantic import BaseModel, field_validator
from pydantic_ai import Agent, ToolOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from toolregistry import ToolRegistry

from tests.integration.proxying import Proxy, chats
from tests.simulator.running import Gateway

MODELS = ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"]
every_family = pytest.mark.parametrize("model", MODELS)


class Place(BaseModel):
    city: str
    country: str | None = None


class Forecast(BaseModel):
    """A forecast."""

    place: Place
    degrees: int

    @field_validator("degrees")
    @classmethod
    def not_too_hot(cls, degrees: int) -> int:
        if degrees > 60:
            raise ValueError("that is too hot to be true")
        return degrees


def weather(city: str, days: list[int] | None = None) -> str:
    """Look the weather up.

    Args:
        city: where
        days: how many days ahead, several at once
    """
    return f"sunny in {city} for {days}"


def hour(city: str) -> str:
    """Tell the time."""
    return f"noon in {city}"


class Observatory:
    @staticmethod
    def moon(city: str) -> str:
        """Look at the moon."""
        return f"full over {city}"


CHICAGO = {"city": "Chicago", "days": [1, 2]}
PARIS = {"city": "Paris"}
ASK_WEATHER = f"call weather({json.dumps(CHICAGO)})"
ASK_BOTH = f"{ASK_WEATHER} and call hour({json.dumps(PARIS)})"
SUNNY = "The tool said: sunny in Chicago for [1, 2]"
FORECAST = {"place": {"city": "Oslo", "country": None}, "degrees": 3}
TOO_HOT = {"place": {"city": "Oslo", "country": None}, "degrees": 300}


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """LangChain reports to nobody, whatever the environment says."""
    monkeypatch.setenv("LANGSMITH_TRACING_V2", "false")


@pytest.fixture(scope="module")
def langchain(proxy: Proxy) -> Iterator[Callable[..., ChatOpenAI]]:
    with DefaultHttpxClient(verify=False) as http_client:
        clients = {"http_client": http_client, "http_async_client": DefaultAsyncHttpxClient(verify=False)}
        yield partial(ChatOpenAI, base_url=proxy.url, api_key="any", max_retries=0, **clients)


@every_family
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_round_with_langchain(langchain: Callable[..., ChatOpenAI], model: str, stream: bool) -> None:
    tools = [tool(weather), tool(hour)]
    bound = langchain(model=model).bind_tools(tools)

    def ask(messages: list[Any]) -> Any:
        return reduce(add, bound.stream(messages)) if stream else bound.invoke(messages)

    messages: list[Any] = [HumanMessage(ASK_BOTH)]
    first = ask(messages)
    assert isinstance(first, AIMessageChunk) is stream
    assert [(call["name"], call["args"]) for call in first.tool_calls] == [("weather", CHICAGO), ("hour", PARIS)]
    assert (first.invalid_tool_calls, first.response_metadata["finish_reason"]) == ([], "tool_calls")
    messages += [first, *(used.invoke(call) for used, call in zip(tools, first.tool_calls, strict=True))]
    last = ask(messages)
    assert last.content.startswith("The tool said: ")
    assert last.content.endswith("noon in Paris")
    assert (last.tool_calls, last.response_metadata["finish_reason"]) == ([], "stop")


@every_family
@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"tool_choice": "hour"}, ["hour"]),
        ({"tool_choice": "any"}, ["weather"]),
        ({"tool_choice": True, "only": 1}, ["weather"]),
        ({"tool_choice": "none"}, []),
        ({"parallel_tool_calls": False, "strict": True}, ["weather"]),
    ],
    ids=["named", "any", "the-only-one", "none", "one-at-a-time"],
)
def test_langchain_chooses_tools(
    langchain: Callable[..., ChatOpenAI], model: str, options: dict[str, Any], names: list[str]
) -> None:
    given = {key: value for key, value in options.items() if key != "only"}
    bound = langchain(model=model).bind_tools([tool(weather), tool(hour)][: options.get("only")], **given)
    assert [call["name"] for call in bound.invoke(ASK_BOTH).tool_calls] == names


@every_family
def test_instructor_gets_what_it_asks_for_by_a_forced_call(client: openai.OpenAI, gateway: Gateway, model: str) -> None:
    gateway.script({"calls": [{"name": "Forecast", "arguments": FORECAST}]})
    forecast = instructor.from_openai(client, mode=instructor.Mode.TOOLS).create(
        model=model, messages=[{"role": "user", "content": "Oslo?"}], response_model=Forecast, max_retries=0
    )
    assert forecast.model_dump() == FORECAST


@every_family
def test_instructor_sends_a_wrong_call_back(client: openai.OpenAI, gateway: Gateway, model: str) -> None:
    gateway.script(*({"calls": [{"name": "Forecast", "arguments": given}]} for given in (TOO_HOT, FORECAST)))
    forecast = instructor.from_openai(client, mode=instructor.Mode.TOOLS).create(
        model=model, messages=[{"role": "user", "content": "Oslo?"}], response_model=Forecast, max_retries=1
    )
    assert forecast.model_dump() == FORECAST
    one, two = chats(gateway.received())
    assert "too hot" not in str(one["body"])
    assert "too hot" in str(two["body"]["messages"])


@every_family
def test_instructor_sees_a_call_grow(client: openai.OpenAI, gateway: Gateway, model: str) -> None:
    gateway.script({"calls": [{"name": "PartialForecast", "arguments": FORECAST}]})
    *_, last = instructor.from_openai(client, mode=instructor.Mode.TOOLS).create_partial(
        model=model, messages=[{"role": "user", "content": "Oslo?"}], response_model=Forecast, max_retries=0
    )
    assert last.model_dump() == FORECAST


def asynchronous(proxy: Proxy) -> AsyncOpenAI:
    http_client = DefaultAsyncHttpxClient(verify=False)
    return AsyncOpenAI(base_url=proxy.url, api_key="any", max_retries=0, http_client=http_client)


def chat_model(client: AsyncOpenAI, model: str) -> OpenAIChatModel:
    return OpenAIChatModel(model, provider=OpenAIProvider(openai_client=client))


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The loop that pydantic-ai runs on when it is not called from one; it would leave its own open."""
    opened = asyncio.new_event_loop()
    asyncio.set_event_loop(opened)
    yield opened
    asyncio.set_event_loop(None)
    opened.close()


@every_family
def test_a_round_with_pydantic_ai(proxy: Proxy, loop: asyncio.AbstractEventLoop, model: str) -> None:
    client = asynchronous(proxy)
    agent = Agent(chat_model(client, model), tools=[weather], instructions="Be brief.")
    assert agent.run_sync(ASK_WEATHER).output == SUNNY
    loop.run_until_complete(client.close())


@every_family
def test_a_streamed_round_with_pydantic_ai(proxy: Proxy, model: str) -> None:
    async def scene() -> str:
        async with asynchronous(proxy) as client:
            agent = Agent(chat_model(client, model), tools=[weather], instructions="Be brief.")
            async with agent.run_stream(ASK_WEATHER) as streamed:
                return "".join([text async for text in streamed.stream_text(delta=True)])

    assert asyncio.run(scene()) == SUNNY


@every_family
def test_pydantic_ai_gets_its_output_by_a_call_of_its_own(proxy: Proxy, gateway: Gateway, model: str) -> None:
    acts: list[dict[str, object]] = [
        {"calls": [{"name": "weather", "arguments": CHICAGO}]},
        {"calls": [{"name": "final_result", "arguments": TOO_HOT}]},
        {"calls": [{"name": "final_result", "arguments": FORECAST}]},
    ]

    async def scene() -> tuple[Forecast, Forecast]:
        async with asynchronous(proxy) as client:
            agent = Agent(chat_model(client, model), tools=[weather], output_type=ToolOutput(Forecast), retries=1)
            gateway.script(*acts)
            whole = await agent.run("How will it be?")
            gateway.script(acts[0], acts[2])
            async with agent.run_stream("How will it be?") as streamed:
                return whole.output, await streamed.get_output()

    assert [forecast.model_dump() for forecast in asyncio.run(scene())] == [FORECAST, FORECAST]


@every_family
def test_a_round_with_toolregistry(client: openai.OpenAI, model: str) -> None:
    with ToolRegistry() as registry:
        registry.set_default_execution_mode("thread")
        registry.register(weather)
        registry.register(hour)
        asked: dict[str, Any] = {"model": model, "tools": registry.get_schemas()}
        messages: list[Any] = [{"role": "user", "content": ASK_BOTH}]
        calls = client.chat.completions.create(**asked, messages=messages).choices[0].message.tool_calls or []
        results = registry.execute_tool_calls(calls)
        messages += registry.build_tool_call_messages(calls, results)
        answer = client.chat.completions.create(**asked, messages=messages).choices[0].message
    assert [call.function.name for call in calls] == ["weather", "hour"]
    assert str(answer.content).startswith("The tool said: ")
    assert str(answer.content).endswith("noon in Paris")


@every_family
def test_toolregistry_finds_a_method_by_a_name_with_a_dot(client: openai.OpenAI, model: str) -> None:
    with ToolRegistry(name_sep=".") as registry:
        registry.set_default_execution_mode("thread")
        registry.register(Observatory, namespace="observatory")
        completion = client.chat.completions.create(
            model=model,
            messages=[{"role": "user", "content": "hi"}],
            tools=registry.get_schemas(),
            tool_choice="required",
        )
        calls = completion.choices[0].message.tool_calls or []
        assert [call.function.name for call in calls] == ["observatory.moon"]
        assert [result.result for result in registry.execute_tool_calls(calls)] == ["full over x"]
