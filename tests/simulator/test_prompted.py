import json

import pytest

from argo_proxy.simulator.answers import compose
from argo_proxy.simulator.prompted import prompted_text
from argo_proxy.simulator.words import Words
from tests.simulator.asking import SCHEMA, ask, assistant, system, user
from tests.simulator.running import CHAT, STREAM

PROMPT = 'Call a tool as <tool_call>{"name": ..}</tool_call>; it answers <tool_result id="..">..</tool_result>.'
TOLD = system(PROMPT)
CALL = 'call search({"q": "ü)"})'
CALLED = 'I will use a tool.\n<tool_call>{"name": "search", "arguments": {"q": "ü)"}}</tool_call>'
RESULT = '<tool_result id="1" name="search">\n42 <b>\n</tool_result>'


@pytest.mark.parametrize("model", ["gpt4o", "claudesonnet4", "gemini25pro"])
def test_calls_are_written_as_the_prompt_asks(model):
    both = f"please {CALL} and call read({{}})"
    assert compose(ask(model, TOLD, user(both))) == Words(
        f'{CALLED}\n<tool_call>{{"name": "read", "arguments": {{}}}}</tool_call>'
    )


def test_after_results_the_model_repeats_them_instead_of_calling_again():
    results = f"{RESULT}<tool_result>{CALL}</tool_result> {CALL}"
    assert prompted_text(ask("gpt4o", TOLD, user(CALL), assistant(CALLED), user(results))) == (
        f"The tool said: 42 <b> {CALL}"
    )


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([user(RESULT), user("<tool_result>43</tool_result>")], "The tool said: 42 <b> 43"),
        ([user(RESULT), user("and now?")], "The tool said: 42 <b>"),
        ([user(CALL), user("please")], CALLED),
        ([user([{"type": "text", "text": CALL}])], CALLED),
        ([user(CALL), assistant(), user("and now?")], None),
        ([user(RESULT), assistant(), user("and now?")], None),
        ([user("<tool_result>without an end")], None),
    ],
)
def test_what_the_user_said_since_the_last_answer_counts_as_one_message(messages, said):
    assert prompted_text(ask("gpt4o", TOLD, user(), assistant(), *messages)) == said


@pytest.mark.parametrize(
    ("model", "messages", "said"),
    [
        ("gpt4o", [{"role": "developer", "content": PROMPT}, user(CALL)], CALLED),
        ("claudesonnet4", [system([{"type": "text", "text": PROMPT}]), user(CALL)], CALLED),
        ("gpto1mini", [user(PROMPT), user(CALL)], CALLED),
        ("gpto1mini", [user(f"{PROMPT}\n{CALL}")], CALLED),
        ("gpto1mini", [user(PROMPT), user(CALL), assistant(CALLED), user(RESULT)], "The tool said: 42 <b>"),
        ("gpt4o", [system(), user(CALL)], None),
        ("gpt4o", [user(PROMPT), user(CALL)], None),
        ("gpt4o", [user(), assistant(CALLED), user(CALL)], None),
    ],
)
def test_only_the_prompt_tells_of_tools(model, messages, said):
    assert prompted_text(ask(model, *messages)) == said


def test_a_prompt_may_come_apart_from_messages():
    assert prompted_text(ask("gpt4o", system=PROMPT, prompt=["please", CALL])) == CALLED


def test_native_tools_are_called_natively():
    tools = [{"type": "function", "function": {"name": "read", "parameters": SCHEMA}}]
    assert compose(ask("gpt4o", TOLD, user(CALL), tools=tools)) == Words(f"You said: {CALL}")


def test_a_prompted_model_still_echoes():
    assert compose(ask("gpt4o", TOLD, user("hi"))) == Words("You said: hi")


@pytest.mark.parametrize("path", [CHAT, STREAM])
def test_written_calls_are_plain_text_on_every_path(gateway, path):
    body = {"user": "me", "model": "claudeopus4", "messages": [TOLD, user(CALL)]}
    answer = gateway.ask("POST", path, body, accept_encoding="identity")
    said = answer.body.decode() if path == STREAM else json.loads(answer.body)["response"]
    assert said == CALLED
