"""OpenAI's agents: function tools, handoffs, structured output, whole and streamed, by either of its APIs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from agents import (
    Agent,
    Model,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from agents.result import RunResultBase
from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from pydantic import BaseModel

from tests.integration.proxying import Proxy, chats
from tests.simulator.running import Gateway

every_family = pytest.mark.parametrize("model", ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"])
either_api = pytest.mark.parametrize(
    "api", [OpenAIChatCompletionsModel, OpenAIResponsesModel], ids=["chat", "responses"]
)
whole_and_streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
ASK_WEATHER = f"call weather({json.dumps({'city': 'Oslo'})})"
OSLO = {"city": "Oslo", "degrees": 3, "wind": None}


class Forecast(BaseModel):
    city: str
    degrees: int
    wind: str | None


@function_tool
def weather(city: str, days: list[int] | None = None) -> str:
    """Look the weather up.

    Args:
        city: where
        days: how many days ahead
    """
    return f"cold in {city} for {days}"


@pytest.fixture(autouse=True)
def at_home() -> None:
    """Nothing is reported to anybody."""
    set_tracing_disabled(True)


def play(
    proxy: Proxy, api: Callable[[str, AsyncOpenAI], Model], model: str, scene: Callable[[Model], Awaitable[None]]
) -> None:
    async def whole() -> None:
        http_client = DefaultAsyncHttpxClient(verify=False)
        async with AsyncOpenAI(base_url=proxy.url, api_key="any", max_retries=0, http_client=http_client) as client:
            await scene(api(model, client))

    asyncio.run(whole())


async def ran(agent: Agent[None], asked: str, stream: bool) -> RunResultBase:
    if not stream:
        return await Runner.run(agent, asked)
    result = Runner.run_streamed(agent, asked)
    events = [event async for event in result.stream_events()]
    assert {event.type for event in events} > {"raw_response_event", "run_item_stream_event"}
    return result


@every_family
@either_api
@whole_and_streamed
def test_an_agent_uses_its_tool(proxy: Proxy, api: Callable[..., Model], model: str, stream: bool) -> None:
    async def scene(opened: Model) -> None:
        agent = Agent(name="Clerk", instructions="Be brief.", tools=[weather], model=opened)
        assert (await ran(agent, ASK_WEATHER, stream)).final_output == "The tool said: cold in Oslo for None"

    play(proxy, api, model, scene)


@every_family
def test_an_agent_goes_on_from_what_is_stored(proxy: Proxy, gateway: Gateway, model: str) -> None:
    async def scene(opened: Model) -> None:
        agent = Agent(name="Clerk", instructions="Be brief.", tools=[weather], model=opened)
        first = await Runner.run(agent, ASK_WEATHER, auto_previous_response_id=True)
        assert first.final_output == "The tool said: cold in Oslo for None"
        again = await Runner.run(agent, "Thanks.", previous_response_id=first.last_response_id)
        assert again.final_output == "You said: Thanks."

    play(proxy, OpenAIResponsesModel, model, scene)
    assert "cold in Oslo for None" in str(chats(gateway.received())[-1]["body"])


@every_family
@either_api
@whole_and_streamed
def test_an_agent_hands_over_to_another(
    proxy: Proxy, gateway: Gateway, api: Callable[..., Model], model: str, stream: bool
) -> None:
    gateway.script(
        {"calls": [{"name": "transfer_to_meteorologist", "arguments": {}}]},
        {"calls": [{"name": "weather", "arguments": {"city": "Oslo"}}]},
    )

    async def scene(opened: Model) -> None:
        expert = Agent(name="Meteorologist", instructions="You know the weather.", tools=[weather], model=opened)
        clerk = Agent(name="Clerk", instructions="Hand over.", handoffs=[expert], model=opened)
        result = await ran(clerk, "How is Oslo?", stream)
        assert result.final_output == "The tool said: cold in Oslo for None"
        assert result.last_agent is expert

    play(proxy, api, model, scene)
    assert len(chats(gateway.received())) == 3


@every_family
@either_api
@whole_and_streamed
def test_an_agent_answers_in_a_form_and_goes_on_talking(
    proxy: Proxy, gateway: Gateway, api: Callable[..., Model], model: str, stream: bool
) -> None:
    gateway.script({"text": json.dumps(OSLO)})

    async def scene(opened: Model) -> None:
        settings = ModelSettings(include_usage=True)
        clerk = Agent(name="Clerk", output_type=Forecast, model=opened, model_settings=settings)
        result = await ran(clerk, "How is Oslo?", stream)
        assert result.final_output == Forecast(**OSLO)
        again = [*result.to_input_list(), {"role": "user", "content": "Thanks."}]
        assert (await Runner.run(Agent(name="Host", model=opened), again)).final_output == "You said: Thanks."
        assert result.context_wrapper.usage.total_tokens > 0

    play(proxy, api, model, scene)
