import pytest

from tests.simulator.asking import IMAGE, assistant, refusal, system, user


def call(call_id="call_1", name="search", arguments="{}"):
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls):
    return {"role": "assistant", "tool_calls": list(calls)}


def result(call_id="call_1", **more):
    return {"role": "tool", "tool_call_id": call_id, "content": "42"} | more


TEXT = {"type": "text", "text": "x"}

ACCEPTED = [
    ("gpt4o", [], {}),
    ("gpt35", [], {"system": "x", "prompt": ["y"]}),
    ("gpt4o", [{"role": "developer", "content": "x"}, user("")], {}),
    ("gpt4o", [], {"temperature": 2, "top_p": 0.5, "max_tokens": 16_384, "stop": "x"}),
    ("gpto1preview", [], {"max_completion_tokens": 100}),
    ("gpto3", [system(), user([TEXT, IMAGE])], {"max_completion_tokens": 100}),
    ("gpt5", [], {"temperature": 1, "max_completion_tokens": 128_000}),
    ("gpt41", [user(), calling(call()), result(), user()], {}),
    ("gpt41", [user(), calling(call(), call("b")), result("b"), result()], {}),
    ("gpt4o", [calling(call()), result()], {}),
    ("gpt41", [user(), calling(call("c" * 40)), result("c" * 40, content=[TEXT])], {}),
]
REFUSED = [
    ("gpt4o", [{"role": "function", "content": "x"}], {}, "not one of"),
    ("gpt4o", [assistant(refusal="no")], {}, "unknown key"),
    ("gpt4o", [{"role": "user"}], {}, "field required"),
    ("gpt4o", [user([{"type": "text"}])], {}, "need a text"),
    ("gpt4o", [user(), calling(call()), result(content=[IMAGE])], {}, "unsupported content type"),
    ("gpt4o", [user(), calling(call()), {"role": "tool", "tool_call_id": "call_1"}], {}, "field required"),
    ("gpt4o", [user(), calling(call("a"), call("b" * 41))], {}, "'messages[1].tool_calls[1].id': string too long"),
    ("gpt4o", [user(), calling(call("b" * 41))], {}, "maximum length 40, but got a string with length 41"),
    ("gpt4o", [user([{"type": "input_text", "text": "x"}])], {}, "unsupported content type"),
    ("gpt4o", [system([IMAGE])], {}, "unsupported content type"),
    ("gpt35", [user([IMAGE])], {}, "image_url is only supported"),
    ("gpto3mini", [user([IMAGE])], {}, "image_url is only supported"),
    ("gpt4o", [user([{"type": "image_url", "image_url": {"url": "https://x/y.png"}}])], {}, "data URLs"),
    ("gpt4o", [user([{"type": "image_url", "image_url": {"url": "data:image/png;base64,@"}}])], {}, "base64"),
    ("gpt4o", [user([{"type": "image_url", "image_url": {"url": "data:image/bmp;base64,AA=="}}])], {}, "bmp"),
    ("gpt4o", [], {"max_tokens": 16_385}, "too large"),
    ("gpt4o", [], {"max_tokens": 1, "max_completion_tokens": 1}, "same time"),
    ("gpto1preview", [system(), user()], {}, "messages[0].role"),
    ("gpto1preview", [], {"system": "x", "prompt": ["y"]}, "messages[0].role"),
    ("gpto1mini", [], {"temperature": 1}, "'temperature' is not supported"),
    ("gpto3", [], {"max_tokens": 1}, "'max_tokens' is not supported"),
    ("gpto4mini", [], {"top_p": 1}, "'top_p' is not supported"),
    ("gpto1", [], {"stop": "x"}, "'stop' is not supported"),
    ("gpto3", [calling(call()), result()], {}, "messages[0]"),
    ("gpt5", [], {"max_tokens": 1}, "'max_tokens' is not supported"),
    ("gpt55", [], {"temperature": 0.5}, "does not support 0.5"),
    ("gpt5mini", [], {"top_p": 1}, "'top_p' is not supported"),
    ("gpt52", [], {"stop": ["x"]}, "unsupported_parameter"),
    ("gpt4o", [user(), result()], {}, "preceeding"),
    ("gpt4o", [user(), calling(call())], {}, "did not have response"),
    ("gpt4o", [user(), calling(call()), user(), result()], {}, "did not have response"),
    ("gpt4o", [user(), calling(call()), result(), result()], {}, "tool_call_id"),
    ("gpt4o", [user(), calling(call(), call("b")), result()], {}, "response messages: b"),
    ("gpt4o", [user(), calling()], {}, "non-empty list"),
    ("gpt4o", [user(), calling(call(arguments={})), result()], {}, "tool_calls.function"),
    ("gpt4o", [user(), calling({"id": "call_1", "name": "x", "args": {}}), result()], {}, "tool_calls"),
]


@pytest.mark.parametrize(("model", "messages", "more"), ACCEPTED)
def test_openai_accepts(model, messages, more):
    assert refusal(model, *messages, **more) is None


@pytest.mark.parametrize(("model", "messages", "more", "reason"), REFUSED)
def test_openai_refuses(model, messages, more, reason):
    status, text = refusal(model, *messages, **more)
    assert status == 400
    assert reason in text
