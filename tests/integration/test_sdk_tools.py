"""Tools through OpenAI's own client: whole rounds, streamed and not, in every form in which it asks for them."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai import pydantic_function_tool
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

from tests.integration.proxying import chats
from tests.simulator.running import Gateway

MODELS = ["argo:gpt-4o", "argo:claude-sonnet-4", "argo:gemini-2.5-pro", "argo:o3"]
every_model = pytest.mark.parametrize("model", MODELS)
every_family = pytest.mark.parametrize("model", MODELS[:3])
whole_and_streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


class Place(BaseModel):
    """Where."""

    city: str
    country: str | None


class Weather(BaseModel):
    """Look the weather up."""

    place: Place
    days: int


class Time(BaseModel):
    city: str


WEATHER = pydantic_function_tool(Weather, name="weather", description="Look the weather up, a few days ahead.")
TIME = pydantic_function_tool(Time, name="time")
CHICAGO = {"place": {"city": "Chicago", "country": None}, "days": 2}
PARIS = {"city": "Paris"}
ASK_WEATHER = f"Please call weather({json.dumps(CHICAGO)})"
ASK_BOTH = f"{ASK_WEATHER} and then call time({json.dumps(PARIS)})."
LONG = "weather_service_of_the_whole_wide_world_with_a_name_beyond_every_limit"
DEPRECATED = [{"name": "time", "description": "Tell the time.", "parameters": Time.model_json_schema()}]


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def result(call_id: str, content: object) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def called(*calls: tuple[str, str, object], content: str | None = None) -> dict[str, Any]:
    """An assistant's turn with these calls: id, name, arguments."""
    tool_calls = [
        {"id": call_id, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for call_id, name, arguments in calls
    ]
    return {"role": "assistant", "content": content, "tool_calls": tool_calls}


def ask(client: openai.OpenAI, stream: bool, **asked: Any) -> ChatCompletion:
    """The answer; of a stream, what the SDK gathers."""
    if not stream:
        return client.chat.completions.create(**asked)
    state = ChatCompletionStreamState()
    for chunk in client.chat.completions.create(**asked, stream=True):
        state.handle_chunk(chunk)
    return state.get_final_completion()


def calls_of(completion: ChatCompletion) -> list[tuple[str, object]]:
    """Name and arguments of every call, which are all that the answer consists of."""
    (choice,) = completion.choices
    assert (choice.finish_reason, choice.message.content) == ("tool_calls", None)
    return [(call.function.name, json.loads(call.function.arguments)) for call in choice.message.tool_calls or ()]


def text_of(completion: ChatCompletion) -> str | None:
    (choice,) = completion.choices
    assert (choice.finish_reason, choice.message.tool_calls) == ("stop", None)
    return choice.message.content


def told(gateway: Gateway) -> dict[str, str]:
    """What each tool said by the last request that reached the gateway, in the shape of whichever family."""
    names: dict[str, str] = {}
    said: dict[str, str] = {}
    for message in chats(gateway.received())[-1]["body"]["messages"]:
        blocks = message["content"] if isinstance(message.get("content"), list) else []
        uses = [block for block in blocks if block["type"] == "tool_use"]
        for call in [*message.get("tool_calls", ()), *uses]:
            names[call["id"]] = call.get("function", call)["name"]
        for block in blocks:
            if block["type"] == "tool_result":
                said[names[block["tool_use_id"]]] = str(block["content"])
        if message["role"] == "tool":
            said[message.get("name") or names[message["tool_call_id"]]] = str(message["content"])
    return said


@every_model
@whole_and_streamed
def test_a_round_is_a_call_its_result_and_an_answer(client: openai.OpenAI, model: str, stream: bool) -> None:
    asked: dict[str, Any] = {"model": model, "tools": [WEATHER, TIME], "messages": [user(ASK_WEATHER)]}
    first = ask(client, stream, **asked)
    assert calls_of(first) == [("weather", CHICAGO)]
    message = first.choices[0].message
    (call,) = message.tool_calls or ()
    assert (call.type, call.id[:5], message.role) == ("function", "call_", "assistant")
    asked["messages"] += [message, result(call.id, "sunny")]
    assert text_of(ask(client, stream, **asked)) == "The tool said: sunny"


@every_model
@whole_and_streamed
def test_rounds_follow_each_other_and_no_id_comes_twice(client: openai.OpenAI, model: str, stream: bool) -> None:
    messages: list[Any] = []
    ids = []
    for city in ("Oslo", "Rome", "Bonn"):
        messages.append(user(f'call time({{"city": "{city}"}})'))
        first = ask(client, stream, model=model, tools=[TIME], messages=messages)
        assert calls_of(first) == [("time", {"city": city})]
        (call,) = first.choices[0].message.tool_calls or ()
        ids.append(call.id)
        messages += [first.choices[0].message, result(call.id, f"noon in {city}")]
        last = ask(client, stream, model=model, tools=[TIME], messages=messages)
        assert text_of(last) == f"The tool said: noon in {city}"
        messages.append(last.choices[0].message)
    assert len(set(ids)) == 3


@every_model
@whole_and_streamed
def test_parallel_calls_are_matched_with_results_that_come_in_another_order(
    client: openai.OpenAI, gateway: Gateway, model: str, stream: bool
) -> None:
    asked: dict[str, Any] = {"model": model, "tools": [WEATHER, TIME], "messages": [user(ASK_BOTH)]}
    first = ask(client, stream, **asked)
    assert calls_of(first) == [("weather", CHICAGO), ("time", PARIS)]
    one, two = first.choices[0].message.tool_calls or ()
    assert one.id != two.id
    asked["messages"] += [first.choices[0].message, result(two.id, "noon"), result(one.id, "sunny")]
    assert str(text_of(ask(client, stream, **asked))).startswith("The tool said: ")
    said = told(gateway)
    assert ("sunny" in said["weather"], "noon" in said["time"], len(said)) == (True, True, 2)


@every_model
def test_the_stream_helper_tells_of_calls_piece_by_piece(client: openai.OpenAI, model: str) -> None:
    pieces = ["", ""]
    done = []
    with client.chat.completions.stream(model=model, tools=[WEATHER, TIME], messages=[user(ASK_BOTH)]) as stream:
        for event in stream:
            if event.type == "tool_calls.function.arguments.delta":
                pieces[event.index] += event.arguments_delta
            if event.type == "tool_calls.function.arguments.done":
                done.append((event.index, event.name, event.arguments, event.parsed_arguments))
        completion = stream.get_final_completion()
    assert [json.loads(piece) for piece in pieces] == [CHICAGO, PARIS]
    parsed = Weather.model_validate(CHICAGO), Time.model_validate(PARIS)
    assert done == [(0, "weather", pieces[0], parsed[0]), (1, "time", pieces[1], parsed[1])]
    assert [name for name, _ in calls_of(completion)] == ["weather", "time"]


@every_model
def test_the_first_piece_of_a_call_names_it_and_later_ones_bring_arguments(client: openai.OpenAI, model: str) -> None:
    asked: dict[str, Any] = {"model": model, "tools": [WEATHER], "messages": [user(ASK_WEATHER)]}
    chunks = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    deltas = [call for chunk in chunks for choice in chunk.choices for call in choice.delta.tool_calls or ()]
    first, *rest = deltas
    assert first.function is not None
    assert (first.index, first.type, first.function.name) == (0, "function", "weather")
    assert first.id
    assert [(delta.index, delta.id, delta.type) for delta in rest] == [(0, None, None)] * len(rest)
    assert json.loads("".join(delta.function.arguments or "" for delta in deltas if delta.function)) == CHICAGO
    assert chunks[-1].usage == client.chat.completions.create(**asked).usage


@every_model
def test_arguments_are_parsed_into_the_clients_own_types(client: openai.OpenAI, model: str) -> None:
    completion = client.chat.completions.parse(model=model, tools=[WEATHER, TIME], messages=[user(ASK_BOTH)])
    calls = completion.choices[0].message.tool_calls or ()
    parsed = [call.function.parsed_arguments for call in calls]
    assert parsed == [Weather.model_validate(CHICAGO), Time.model_validate(PARIS)]


@every_family
def test_a_call_may_come_before_an_answer_of_a_given_form(client: openai.OpenAI, gateway: Gateway, model: str) -> None:
    asked: dict[str, Any] = {"model": model, "tools": [WEATHER], "response_format": Time}
    messages: list[Any] = [user(ASK_WEATHER)]
    gateway.script({"calls": [{"name": "weather", "arguments": CHICAGO}]}, {"text": json.dumps(PARIS)})
    message = client.chat.completions.parse(**asked, messages=messages).choices[0].message
    (call,) = message.tool_calls or ()
    assert (call.function.parsed_arguments, message.parsed) == (Weather.model_validate(CHICAGO), None)
    messages += [message, result(call.id, "sunny")]
    answer = client.chat.completions.parse(**asked, messages=messages).choices[0].message
    assert (answer.parsed, answer.tool_calls) == (Time(city="Paris"), None)


@every_model
@whole_and_streamed
@pytest.mark.parametrize(
    ("choice", "text", "expected"),
    [
        (None, ASK_WEATHER, "weather"),
        ("auto", ASK_WEATHER, "weather"),
        ("auto", "hi", None),
        ("none", ASK_WEATHER, None),
        ("required", "hi", "weather"),
        ({"type": "function", "function": {"name": "time"}}, "hi", "time"),
        (
            {
                "type": "allowed_tools",
                "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "time"}}]},
            },
            "hi",
            "time",
        ),
    ],
    ids=["absent", "auto", "auto-no-need", "none", "required", "named", "allowed"],
)
def test_the_choice_of_tools_is_the_clients(
    client: openai.OpenAI, model: str, stream: bool, choice: object, text: str, expected: str | None
) -> None:
    given = {} if choice is None else {"tool_choice": choice}
    answer = ask(client, stream, model=model, tools=[WEATHER, TIME], messages=[user(text)], **given)
    if expected is None:
        assert text_of(answer) == f"You said: {text}"
    else:
        assert [name for name, _ in calls_of(answer)] == [expected]


@every_model
@whole_and_streamed
def test_one_call_at_a_time_for_those_who_want_no_more(client: openai.OpenAI, model: str, stream: bool) -> None:
    asked: dict[str, Any] = {"model": model, "tools": [WEATHER, TIME], "messages": [user(ASK_BOTH)]}
    assert calls_of(ask(client, stream, **asked, parallel_tool_calls=False)) == [("weather", CHICAGO)]
    assert len(calls_of(ask(client, stream, **asked, parallel_tool_calls=True))) == 2


@every_model
@whole_and_streamed
@pytest.mark.parametrize("name", ["files.search.v2", f"{LONG}_one", f"{LONG}_two", "weather"])
def test_a_name_that_the_provider_refuses_comes_back_unchanged(
    client: openai.OpenAI, model: str, stream: bool, name: str
) -> None:
    names = ["files.search.v2", "files_search_v2", f"{LONG}_one", f"{LONG}_two", "weather"]
    asked: dict[str, Any] = {"model": model, "tools": [pydantic_function_tool(Time, name=name) for name in names]}
    messages: list[Any] = [user("hi")]
    forced = {"type": "function", "function": {"name": name}}
    first = ask(client, stream, **asked, messages=messages, tool_choice=forced)
    assert [called for called, _ in calls_of(first)] == [name]
    (call,) = first.choices[0].message.tool_calls or ()
    messages += [first.choices[0].message, result(call.id, "done")]
    assert text_of(ask(client, stream, **asked, messages=messages)) == "The tool said: done"


@every_model
@whole_and_streamed
def test_text_beside_a_call_reaches_the_client(
    client: openai.OpenAI, gateway: Gateway, model: str, stream: bool
) -> None:
    gateway.script({"text": "Let me look.", "calls": [{"name": "time", "arguments": PARIS}]})
    (choice,) = ask(client, stream, model=model, tools=[TIME], messages=[user("hi")]).choices
    assert (choice.message.content, choice.finish_reason) == ("Let me look.", "tool_calls")
    assert [call.function.name for call in choice.message.tool_calls or ()] == ["time"]


@every_model
@whole_and_streamed
def test_a_tool_without_parameters_is_called_with_none(client: openai.OpenAI, model: str, stream: bool) -> None:
    ping = {"type": "function", "function": {"name": "ping"}}
    assert calls_of(ask(client, stream, model=model, tools=[ping], messages=[user("call ping({})")])) == [("ping", {})]


@every_model
@pytest.mark.parametrize("more", [{"tools": [WEATHER, TIME]}, {"tools": []}, {}], ids=["tools", "empty", "none"])
@pytest.mark.parametrize("answered", [0, 1], ids=["no-result", "one-result"])
def test_a_call_that_was_never_answered_does_no_harm(
    client: openai.OpenAI, model: str, more: dict[str, Any], answered: int
) -> None:
    calls = called(("call_a", "weather", CHICAGO), ("call_b", "time", PARIS))
    messages = [user("hello"), calls, *[result("call_a", "sunny")] * answered, user("never mind")]
    assert text_of(ask(client, False, model=model, messages=messages, **more)) == "You said: never mind"


@every_model
@pytest.mark.parametrize(
    ("content", "said", "heard"),
    [
        (None, "sunny", "sunny"),
        ("", [{"type": "text", "text": "sunny"}], "sunny"),
        ("Let me look.", '{"sky": "blue"}', '{"sky": "blue"}'),
    ],
    ids=["null-text", "empty-parts", "text-json"],
)
def test_a_history_with_tools_is_understood_without_tools_in_the_request(
    client: openai.OpenAI, model: str, content: str | None, said: object, heard: str
) -> None:
    messages = [user("hello"), called(("call_a", "time", PARIS), content=content), result("call_a", said)]
    assert text_of(ask(client, False, model=model, messages=messages)) == f"The tool said: {heard}"


@every_model
def test_an_empty_result_is_a_result(client: openai.OpenAI, model: str) -> None:
    messages = [user("hello"), called(("call_a", "time", PARIS)), result("call_a", ""), user("hi")]
    assert text_of(ask(client, False, model=model, messages=messages, tools=[TIME])) == "You said: hi"


@every_model
@whole_and_streamed
def test_functions_as_they_were_before_tools_work_as_well(client: openai.OpenAI, model: str, stream: bool) -> None:
    asked: dict[str, Any] = {"model": model, "functions": DEPRECATED}
    messages: list[Any] = [user(f"call time({json.dumps(PARIS)})")]
    (choice,) = ask(client, stream, **asked, messages=messages).choices
    function = choice.message.function_call
    assert function is not None
    assert (function.name, json.loads(function.arguments), choice.finish_reason) == ("time", PARIS, "function_call")
    assert choice.message.tool_calls is None
    messages += [choice.message, {"role": "function", "name": "time", "content": "noon"}]
    assert text_of(ask(client, stream, **asked, messages=messages)) == "The tool said: noon"


@every_family
@pytest.mark.parametrize(
    ("choice", "is_called"), [("auto", True), ("none", False), ({"name": "time"}, True)], ids=["auto", "none", "named"]
)
def test_the_choice_of_functions_is_the_clients(
    client: openai.OpenAI, model: str, choice: Any, is_called: bool
) -> None:
    text = "hi" if isinstance(choice, dict) else f"call time({json.dumps(PARIS)})"
    (answer,) = client.chat.completions.create(
        model=model, functions=DEPRECATED, function_call=choice, messages=[user(text)]
    ).choices
    assert (answer.message.function_call is not None) is is_called
    assert answer.finish_reason == ("function_call" if is_called else "stop")
