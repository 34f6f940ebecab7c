"""Answers of a given form, through OpenAI's client and the libraries that people use, with every family of models."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal

import instructor
import openai
import pytest
from langchain_openai import ChatOpenAI
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, PromptedOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.integration.proxying import Proxy, chats
from tests.simulator.running import Gateway

MODELS = ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro"]
every_family = pytest.mark.parametrize("model", MODELS)
whole_and_streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


class Place(BaseModel):
    city: str
    country: str | None


class Forecast(BaseModel):
    """A forecast."""

    place: Place
    sunny: bool
    degrees: list[float]
    wind: Literal["low", "high"]


GOOD = {"place": {"city": "Chicago", "country": None}, "sunny": True, "degrees": [21.5, 3], "wind": "low"}
WRONG = {**GOOD, "degrees": [21.5, "warm"]}
FENCED = f"Here it is:\n\n```json\n{json.dumps(GOOD, indent=2)}\n```\n"
WAYS_TO_SAY_IT = {"clean": json.dumps(GOOD), "fenced": FENCED, "python": str(GOOD)}
every_way = pytest.mark.parametrize("text", WAYS_TO_SAY_IT.values(), ids=WAYS_TO_SAY_IT)
ASKED: list[Any] = [{"role": "user", "content": "How will it be?"}]


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """LangChain reports to nobody, whatever the environment says."""
    monkeypatch.setenv("LANGSMITH_TRACING_V2", "false")


@pytest.fixture(scope="module")
def langchain(proxy: Proxy) -> Iterator[Callable[..., ChatOpenAI]]:
    with DefaultHttpxClient(verify=False) as http_client:
        clients = {"http_client": http_client, "http_async_client": DefaultAsyncHttpxClient(verify=False)}
        yield partial(ChatOpenAI, base_url=proxy.url, api_key="any", max_retries=0, **clients)


def parsed(client: openai.OpenAI, model: str, stream: bool) -> Forecast | None:
    """What the SDK makes of the answer, whole or streamed."""
    asked: dict[str, Any] = {"model": model, "messages": ASKED, "response_format": Forecast}
    if not stream:
        return client.chat.completions.parse(**asked).choices[0].message.parsed
    with client.chat.completions.stream(**asked) as streamed:
        return streamed.get_final_completion().choices[0].message.parsed


@every_family
@every_way
@whole_and_streamed
def test_the_sdk_gets_its_type_however_the_model_says_it(
    client: openai.OpenAI, gateway: Gateway, model: str, text: str, stream: bool
) -> None:
    gateway.script({"text": text})
    assert parsed(client, model, stream) == Forecast.model_validate(GOOD)
    assert len(chats(gateway.received())) == 1


@every_family
@whole_and_streamed
def test_the_model_is_told_of_the_form(client: openai.OpenAI, gateway: Gateway, model: str, stream: bool) -> None:
    gateway.script({"text": json.dumps(GOOD)})
    parsed(client, model, stream)
    (record,) = chats(gateway.received())
    assert "degrees" in str(record["body"]["messages"]) + str(record["body"].get("system"))


@every_family
@whole_and_streamed
@pytest.mark.parametrize("wrong", [json.dumps(WRONG), "It will be fine."], ids=["wrong-type", "no-json"])
def test_a_wrong_answer_is_repaired_once(
    client: openai.OpenAI, gateway: Gateway, model: str, stream: bool, wrong: str
) -> None:
    gateway.script({"text": wrong}, {"text": FENCED})
    assert parsed(client, model, stream) == Forecast.model_validate(GOOD)
    one, two = (str(record["body"]) for record in chats(gateway.received()))
    assert len(two) > len(one), "the model is told what was wrong"


@every_family
def test_two_wrong_answers_are_an_error_that_says_where(client: openai.OpenAI, gateway: Gateway, model: str) -> None:
    gateway.script({"text": json.dumps(WRONG)}, {"text": json.dumps(WRONG)})
    with pytest.raises(openai.APIStatusError, match="degrees") as raised:
        parsed(client, model, stream=False)
    assert raised.value.status_code == 502
    assert len(chats(gateway.received())) == 2


@every_family
def test_two_wrong_answers_end_a_stream_with_an_error(client: openai.OpenAI, gateway: Gateway, model: str) -> None:
    gateway.script({"text": json.dumps(WRONG)}, {"text": json.dumps(WRONG)})
    with pytest.raises(openai.APIError, match="degrees"):
        parsed(client, model, stream=True)


@every_family
@every_way
@whole_and_streamed
def test_json_without_a_schema_is_any_object(
    client: openai.OpenAI, gateway: Gateway, model: str, text: str, stream: bool
) -> None:
    asked: dict[str, Any] = {"model": model, "messages": ASKED, "response_format": {"type": "json_object"}}
    gateway.script({"text": text})
    if stream:
        chunks = client.chat.completions.create(**asked, stream=True)
        content = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    else:
        content = str(client.chat.completions.create(**asked).choices[0].message.content)
    assert json.loads(content) == GOOD


@every_family
@pytest.mark.parametrize("text", ["It will be fine.", "[1, 2]"], ids=["no-json", "no-object"])
def test_what_is_no_object_is_an_error(client: openai.OpenAI, gateway: Gateway, model: str, text: str) -> None:
    gateway.script({"text": text}, {"text": text})
    with pytest.raises(openai.APIStatusError, match=r"(?i)json|object") as raised:
        client.chat.completions.create(model=model, messages=ASKED, response_format={"type": "json_object"})
    assert raised.value.status_code == 502


@every_family
def test_text_as_a_format_is_no_format(client: openai.OpenAI, model: str) -> None:
    completion = client.chat.completions.create(model=model, messages=ASKED, response_format={"type": "text"})
    assert completion.choices[0].message.content == "You said: How will it be?"


@every_family
@pytest.mark.parametrize(
    ("method", "strict"),
    [
        ("function_calling", None),
        ("function_calling", True),
        ("json_mode", None),
        ("json_schema", None),
        ("json_schema", False),
    ],
)
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning:pydantic.main")  # LangChain's own
def test_langchain_gets_its_type_by_each_of_its_methods(
    langchain: Callable[..., ChatOpenAI], gateway: Gateway, model: str, method: Any, strict: bool | None
) -> None:
    act: dict[str, object] = {"text": FENCED}
    if method == "function_calling":
        act = {"calls": [{"name": "Forecast", "arguments": GOOD}]}
    gateway.script(act, act)
    runnable = langchain(model=model).with_structured_output(Forecast, method=method, strict=strict)
    assert runnable.invoke("Say it as JSON.") == Forecast.model_validate(GOOD)
    assert list(runnable.stream("Say it as JSON."))[-1] == Forecast.model_validate(GOOD)


@every_family
def test_langchain_takes_a_bare_schema_too(langchain: Callable[..., ChatOpenAI], gateway: Gateway, model: str) -> None:
    gateway.script({"text": str(GOOD)})
    runnable = langchain(model=model).with_structured_output(Forecast.model_json_schema(), method="json_schema")
    assert runnable.invoke("How will it be?") == GOOD


@every_family
@every_way
@pytest.mark.parametrize("mode", [instructor.Mode.JSON, instructor.Mode.JSON_SCHEMA], ids=["json", "json-schema"])
def test_instructor_gets_its_type_from_the_text(
    client: openai.OpenAI, gateway: Gateway, model: str, text: str, mode: instructor.Mode
) -> None:
    asked: dict[str, Any] = {"model": model, "messages": ASKED, "response_model": Forecast, "max_retries": 0}
    patched = instructor.from_openai(client, mode=mode)
    gateway.script({"text": text}, {"text": text})
    assert patched.create(**asked).model_dump() == GOOD
    *_, last = patched.create_partial(**asked)
    assert last.model_dump() == GOOD


@every_family
@pytest.mark.parametrize("marker", [NativeOutput, PromptedOutput], ids=["native", "prompted"])
def test_pydantic_ai_gets_its_type_from_the_text(proxy: Proxy, gateway: Gateway, model: str, marker: Any) -> None:
    async def scene() -> tuple[Forecast, Forecast]:
        http_client = DefaultAsyncHttpxClient(verify=False)
        async with AsyncOpenAI(base_url=proxy.url, api_key="any", max_retries=0, http_client=http_client) as client:
            chat_model = OpenAIChatModel(model, provider=OpenAIProvider(openai_client=client))
            agent = Agent(chat_model, output_type=marker(Forecast), retries=0)
            gateway.script({"text": FENCED}, {"text": FENCED})
            whole = await agent.run("How will it be?")
            async with agent.run_stream("How will it be?") as streamed:
                return whole.output, await streamed.get_output()

    assert asyncio.run(scene()) == (Forecast.model_validate(GOOD), Forecast.model_validate(GOOD))
