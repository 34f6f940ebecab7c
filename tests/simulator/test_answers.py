import pytest

from argo_proxy.simulator.answers import compose, cut
from argo_proxy.simulator.words import Call, Words
from tests.simulator.asking import SCHEMA, ask, assistant, system, user

OPENAI = [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in ("search", "read")]
ANTHROPIC = [{"name": name, "input_schema": SCHEMA} for name in ("search", "read")]
GOOGLE = [{"name": name, "parameters": SCHEMA} for name in ("search", "read")]


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([user("hi")], "You said: hi"),
        ([system(), user("one"), assistant(), user("two")], "You said: two"),
        ([user([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])], "You said: ab"),
        ([system()], "You said: "),
    ],
)
def test_the_model_echoes_the_last_user_message(messages, said):
    assert compose(ask("gpt4o", *messages)) == Words(said)


def test_a_prompt_is_echoed_too():
    assert compose(ask("gpt4o", system="x", prompt=["one", "two"])) == Words("You said: two")


def test_after_tool_results_the_model_repeats_them_instead_of_calling_again():
    calling = assistant("", tool_calls=[])
    results = [{"role": "tool", "tool_call_id": "1", "content": "42"}]
    question = user('call search({"q": "x"})')
    assert compose(ask("gpt4o", question, calling, *results, tools=OPENAI)) == Words("The tool said: 42")
    block = {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "42"}]}
    assert compose(ask("claudeopus4", question, user([block]), tools=ANTHROPIC)) == Words("The tool said: 42")


@pytest.mark.parametrize(
    ("model", "tools", "choice", "name"),
    [
        ("gpt4o", OPENAI, "required", "search"),
        ("gpt4o", OPENAI, {"type": "function", "function": {"name": "read"}}, "read"),
        ("claudeopus4", ANTHROPIC, {"type": "any"}, "search"),
        ("claudeopus4", ANTHROPIC, {"type": "tool", "name": "read"}, "read"),
        ("gemini25pro", GOOGLE, "ANY", "search"),
        ("gemini25pro", GOOGLE, {"mode": "FUNCTION_CALLING", "allowed_function_names": ["read"]}, "read"),
    ],
)
def test_a_forced_tool_is_called_with_the_least_its_schema_takes(model, tools, choice, name):
    assert compose(ask(model, tools=tools, tool_choice=choice)) == Words(calls=(Call(name, {"q": "x"}),))


def test_required_arguments_are_made_from_their_types():
    kinds = {"string": "x", "number": 1, "integer": 1, "boolean": True, "array": [], "object": {}}
    properties = {kind: {"type": kind} for kind in kinds} | {"pick": {"enum": ["b", "a"]}, "spare": {}}
    schema = {"type": "object", "properties": properties, "required": [*kinds, "pick"]}
    words = compose(ask("gemini25pro", tools=[{"name": "f", "parameters": schema}], tool_choice="ANY"))
    assert words.calls[0].arguments == kinds | {"pick": "b"}


def test_types_may_be_written_in_capitals():
    schema = {"type": "OBJECT", "properties": {"n": {"type": "INTEGER"}}, "required": ["n"]}
    words = compose(ask("gemini25pro", tools=[{"name": "f", "parameters": schema}], tool_choice="ANY"))
    assert words.calls[0].arguments == {"n": 1}


@pytest.mark.parametrize(("model", "tools"), [("gpt4o", OPENAI), ("claudeopus4", ANTHROPIC), ("gemini25pro", GOOGLE)])
def test_calls_are_made_as_the_user_spells_them(model, tools):
    text = 'please call search({"q": "a)"}) and call read({"q": {"b": []}}), and call unknown({}) call read(x)'
    words = compose(ask(model, user(text), tools=tools))
    assert words == Words(calls=(Call("search", {"q": "a)"}), Call("read", {"q": {"b": []}})))


@pytest.mark.parametrize("more", [{}, {"tools": OPENAI, "tool_choice": "none"}])
def test_without_leave_to_call_a_spelled_call_is_text(more):
    assert compose(ask("gpt4o", user("call search({})"), **more)) == Words("You said: call search({})")


@pytest.mark.parametrize(
    ("stops", "limits", "left"),
    [
        ((), (), "one  two three"),
        (("two",), (), "one  "),
        (("three", "one"), (), ""),
        ((), (2,), "one  two"),
        ((), (9,), "one  two three"),
        (("three",), (3, 1), "one"),
    ],
)
def test_stops_and_token_limits_cut_the_text(stops, limits, left):
    assert cut("one  two three", stops, limits) == left
