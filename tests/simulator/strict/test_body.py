import json

import pytest

from argo_proxy.simulator.strict.body import read_chat, read_embed
from argo_proxy.simulator.strict.refusals import Refused
from tests.simulator.asking import refusal, user

GOOD = {"user": "me", "model": "gpt4o", "messages": [user()]}
PROMPTED = {"user": "me", "model": "gpt4o", "system": "be brief", "prompt": ["hi"]}


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        PROMPTED,
        GOOD | {"stop": "x"},
        GOOD | {"stop": ["a", "b", "c", "d"]},
        GOOD | {"temperature": 0, "top_p": 1, "max_tokens": 5},
    ],
)
def test_a_body_in_the_documented_form_is_read(body):
    assert read_chat(json.dumps(body).encode()).user == "me"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ([], "Expected `object`"),
        ({"model": "gpt4o", "messages": [user()]}, "user"),
        (GOOD | {"user": ""}, "user"),
        (GOOD | {"user": 7}, "user"),
        ({"user": "me", "messages": [user()]}, "model"),
        ({"user": "me", "model": "gpt4o"}, "messages"),
        ({"user": "me", "model": "gpt4o", "system": "x"}, "messages"),
        (GOOD | PROMPTED, "messages"),
        (GOOD | {"messages": []}, "messages"),
        (GOOD | {"stop": list("abcde")}, "stop"),
        (GOOD | {"stop": None}, "stop"),
        (GOOD | {"stop": [1]}, "stop"),
        (GOOD | {"temperature": "hot"}, "temperature"),
        (GOOD | {"temperature": 2.1}, "temperature"),
        (GOOD | {"max_tokens": 0}, "max_tokens"),
        (GOOD | {"n": 1}, "n"),
        (GOOD | {"stream": True}, "stream"),
        (GOOD | {"tools": []}, "tools"),
        (GOOD | {"tool_choice": "auto"}, "tool_choice"),
        (PROMPTED | {"prompt": "hi"}, "prompt"),
    ],
)
def test_any_other_body_is_a_400_in_fastapis_form(body, where):
    with pytest.raises(Refused) as caught:
        read_chat(json.dumps(body).encode())
    fault = json.loads(str(caught.value))["detail"][0]
    assert caught.value.reply.status == 400
    assert where in fault["loc"] or where in fault["msg"]


@pytest.mark.parametrize("raw", [b"", b"{", b'{"user":"\xff"}', b'{"tools":' + b"[" * 100_000])
def test_what_is_not_json_is_a_400(raw):
    with pytest.raises(Refused, match=r"JSON|Expected"):
        read_chat(raw)


@pytest.mark.parametrize(
    "message",
    [user(None), user([]), user(["hi"]), user(3), {"content": "no role"}, {"role": 1, "content": "x"}],
)
def test_a_message_without_a_role_or_with_odd_content_is_refused(message):
    status, text = refusal("gpt4o", message)
    assert status == 400
    assert '"messages",0' in text


@pytest.mark.parametrize("prompt", [[], [""], ["x"] * 17, "x", [["x"]]])
def test_embeddings_take_one_to_sixteen_texts(prompt):
    with pytest.raises(Refused):
        read_embed(json.dumps({"user": "me", "model": "v3small", "prompt": prompt}).encode())
    assert read_embed(b'{"user":"me","model":"v3small","prompt":["x"]}').prompt == ["x"]
