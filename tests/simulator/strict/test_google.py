import pytest

from tests.simulator.asking import IMAGE, SCHEMA, assistant, refusal, system, user


def calling(*calls):
    return {"role": "assistant", "tool_calls": list(calls)}


def call(name="search", call_id=None):
    return {"id": call_id, "name": name, "args": {"q": "x"}}


def result(name="search", call_id="any"):
    return {"role": "tool", "tool_call_id": call_id, "name": name, "content": "42"}


def tool(name="search"):
    return {"name": name, "parameters": SCHEMA}


def choosing(choice):
    return {"tools": [tool()], "tool_choice": choice}


def only(*names):
    return choosing({"mode": "FUNCTION_CALLING", "allowed_function_names": list(names)})


ACCEPTED = [
    ([system(), user([{"type": "text", "text": "x"}, IMAGE])], {"temperature": 2, "top_p": 1}),
    ([], {"max_tokens": 64_536, "stop": ["x"]}),
    ([], choosing("AUTO")),
    ([], choosing("NONE")),
    ([], choosing("ANY")),
    ([], only("search")),
    ([], {"tools": [tool("a.b"), {"name": "without_parameters", "description": "d"}]}),
    ([user(), calling(call()), result(), calling(call("b", "1")), result("b", "1"), assistant()], {}),
    ([user(), assistant(), user(), system(), calling(call()), result()], {}),
]
REFUSED = [
    ([{"role": "developer", "content": "x"}, user()], {}, "not one of"),
    ([system([{"type": "text", "text": "x"}]), user()], {}, "one string"),
    ([system()], {}, "contents"),
    ([], {"max_tokens": 64_537}, "maxOutputTokens"),
    ([], {"tools": [{"type": "function", "function": tool()}]}, "unknown key"),
    ([], {"tools": [{"name": "x", "input_schema": SCHEMA}]}, "unknown key"),
    ([], {"tools": [tool("-x")]}, "does not match"),
    ([], {"tools": [tool(), tool()]}, "unique"),
    ([], {"tools": [tool(), {"name": "x", "parameters": {}}]}, "tools[0].function_declarations[1].parameters"),
    ([], choosing("auto"), "tool_config"),
    ([], choosing({"type": "any"}), "tool_config"),
    ([], only(), "tool_config"),
    ([], only("other"), "not in tools"),
    ([user(), calling(call(), call("b")), result(), result("b")], {}, "number of function response parts"),
    ([user(), calling(call())], {}, "number of function response parts"),
    ([user(), result()], {}, "number of function response parts"),
    ([user(), calling(call()), user()], {}, "number of function response parts"),
    ([calling(call()), result()], {}, "comes immediately after a user turn"),
    ([user(), assistant(), calling(call()), result()], {}, "or after a function response turn."),
    ([user(), assistant(), system(), calling(call()), result()], {}, "comes immediately after a user turn"),
    ([user(), calling(call()), result("other")], {}, "name"),
    ([user(), calling(call(call_id="1")), result(call_id="2")], {}, "tool_call_id"),
    ([user(), calling(call()), {"role": "tool", "tool_call_id": "1", "content": "x"}], {}, "name"),
    ([user(), calling({"id": "1", "type": "function", "function": {}}), result()], {}, "tool_calls"),
]


@pytest.mark.parametrize(("messages", "more"), ACCEPTED)
def test_gemini_accepts(messages, more):
    assert refusal("gemini25flash", *messages, **more) is None


@pytest.mark.parametrize(("messages", "more", "reason"), REFUSED)
def test_gemini_refuses(messages, more, reason):
    status, text = refusal("gemini25flash", *messages, **more)
    assert status == 400
    assert reason in text


def test_both_token_limits_trip_the_gateway_itself():
    status, text = refusal("gemini25pro", max_tokens=1, max_completion_tokens=1)
    assert status == 500
    assert "'NoneType' object is not iterable" in text
