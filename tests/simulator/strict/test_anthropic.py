import pytest

from tests.simulator.asking import IMAGE, PNG, SCHEMA, assistant, refusal, system, user


def use(call_id="toolu_1", name="search", **more):
    return {"type": "tool_use", "id": call_id, "name": name, "input": {}, **more}


def result(call_id="toolu_1", content="42"):
    return {"type": "tool_result", "tool_use_id": call_id, "content": content}


def text(said="x"):
    return {"type": "text", "text": said}


def image(**source):
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG, **source}}


def tool(name="search", **more):
    return {"name": name, "input_schema": SCHEMA, **more}


def choosing(choice):
    return {"tools": [tool()], "tool_choice": choice}


def nested(combinator):
    return {"type": "object", "properties": {"a": {combinator: [{"type": "string"}]}}}


def combined(combinator):
    return {"tools": [tool(), tool("x", input_schema=SCHEMA | {combinator: [SCHEMA]})]}


ACCEPTED = [
    ("claudesonnet4", [], {"temperature": 1, "top_p": 0.5, "stop": ["x"]}),
    ("claudesonnet4", [system([text()]), user([text(), IMAGE, image()]), assistant("and")], {}),
    ("claudeopus41", [], {"temperature": 0.5, "top_p": 0.5}),
    ("claudesonnet45", [], {"temperature": 0.5}),
    ("claudeopus46", [], {"top_p": 0.5}),
    ("claudeopus47", [], {"max_tokens": 21_000}),
    ("claudesonnet37", [], {"max_tokens": 128_000, "streaming": True}),
    ("claudesonnet4", [], {"tools": [tool(), tool("b", description="d")]}),
    ("claudesonnet4", [], choosing({"type": "auto"})),
    ("claudesonnet4", [], choosing({"type": "none"})),
    ("claudesonnet4", [], choosing({"type": "any"})),
    ("claudesonnet4", [], choosing({"type": "tool", "name": "search"})),
    ("claudesonnet4", [system(), user(), assistant([text(), use()]), user([result(), text()])], {}),
    ("claudesonnet4", [], {"tools": [tool(input_schema=nested("anyOf"))]}),
    (
        "claudesonnet4",
        [user(), assistant([use("a"), use("b")]), user([result("b", [text()]), result("a")])],
        {},
    ),
]
REFUSED = [
    ("claudesonnet4", [{"role": "developer", "content": "x"}, user()], {}, "not one of"),
    ("claudesonnet4", [user(), {"role": "tool", "tool_call_id": "x", "content": "x"}], {}, "not one of"),
    ("claudesonnet4", [user(), assistant(tool_calls=[])], {}, "unknown key 'tool_calls'"),
    ("claudesonnet4", [system()], {}, "at least one message"),
    ("claudesonnet4", [user("")], {}, "at least one message"),
    ("claudesonnet4", [user(), user("")], {}, "non-empty"),
    ("claudesonnet4", [user([text(" \n")])], {}, "non-whitespace"),
    ("claudesonnet4", [system(""), user()], {}, "non-empty"),
    ("claudesonnet4", [user(), assistant("and ")], {}, "trailing whitespace"),
    ("claudesonnet4", [user([image(media_type="image/bmp")])], {}, "bmp"),
    ("claudesonnet4", [user([image(type="url")])], {}, "base64 sources"),
    ("claudesonnet4", [user([image(data="@@")])], {}, "not valid base64"),
    ("claudesonnet4", [user(), assistant([IMAGE])], {}, "unsupported content type"),
    ("claudesonnet4", [assistant(), user()], {}, 'first message must use the \\"user\\" role'),
    ("claudesonnet4", [system(), assistant(), user()], {}, "first message"),
    ("claudesonnet4", [], {"temperature": 1.5}, "temperature"),
    ("claudesonnet46", [], {"temperature": 1, "top_p": 1}, "cannot both"),
    ("claudehaiku45", [], {"temperature": 1, "top_p": 1}, "cannot both"),
    ("claudeopus47", [], {"temperature": 1}, "`temperature` is deprecated"),
    ("claudeopus5", [], {"top_p": 1}, "`top_p` is deprecated"),
    ("claudeopus4", [], {"max_tokens": 32_001, "streaming": True}, "maximum allowed"),
    (
        "claudesonnet4",
        [],
        {"tools": [{"type": "function", "function": tool()}]},
        "input_schema: Field required",
    ),
    ("claudesonnet4", [], combined("oneOf"), "tools.1.custom.input_schema: input_schema does not support oneOf"),
    ("claudesonnet4", [], combined("allOf"), "at the top level"),
    ("claudesonnet4", [], combined("anyOf"), "at the top level"),
    ("claudesonnet4", [], {"tools": [tool(input_schema={"type": "OBJECT"})]}, "type 'object'"),
    ("claudesonnet4", [], {"tools": [tool("a.b")]}, "does not match"),
    ("claudesonnet4", [], {"tools": [tool(), tool()]}, "unique"),
    ("claudesonnet4", [], choosing("auto"), "tool_choice"),
    ("claudesonnet4", [], choosing({"type": "tool", "name": "x"}), "not in tools"),
    ("claudesonnet4", [user(), assistant([use()])], {}, "without `tool_result`"),
    ("claudesonnet4", [user(), assistant([use()]), user()], {}, "without `tool_result`"),
    ("claudesonnet4", [user([result()])], {}, "unexpected `tool_use_id`"),
    ("claudesonnet4", [user(), assistant([use()]), user([result(), result()])], {}, "single result"),
    (
        "claudesonnet4",
        [user(), assistant([use("a"), use("b")]), user([result("a")]), user([result("b")])],
        {},
        "without `tool_result`",
    ),
    ("claudesonnet4", [user(), assistant([use()]), user([text(), result()])], {}, "come first"),
    ("claudesonnet4", [user(), assistant([use()]), user([result(content="")])], {}, "non-empty"),
    ("claudesonnet4", [user(), assistant([use("a b")]), user([result("a b")])], {}, "pattern"),
    ("claudesonnet4", [user([result("a:b")])], {}, "pattern"),
    ("claudesonnet4", [user(), assistant([use(), use()]), user([result()])], {}, "`tool_use` ids must be unique"),
    (
        "claudesonnet4",
        [user(), assistant([use()]), user([result()]), assistant([use()]), user([result()])],
        {},
        "messages.3.content: `tool_use` ids must be unique",
    ),
    ("claudesonnet4", [user(), assistant([use(input="{}")]), user([result()])], {}, "dictionary"),
]


@pytest.mark.parametrize(("model", "messages", "more"), ACCEPTED)
def test_claude_accepts(model, messages, more):
    assert refusal(model, *messages, **more) is None


@pytest.mark.parametrize(("model", "messages", "more", "reason"), REFUSED)
def test_claude_refuses(model, messages, more, reason):
    status, said = refusal(model, *messages, **more)
    assert status == 400
    assert reason in said


def test_a_long_claude_answer_needs_streaming():
    status, said = refusal("claudesonnet37", max_tokens=21_001)
    assert status == 500
    assert "Streaming is required for operations that may take longer than 10 minutes" in said
