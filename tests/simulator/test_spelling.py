import json
import math

import pytest

from argo_proxy.simulator.models import Family
from argo_proxy.simulator.spelling import PIECE_BYTES, chat_reply, streamchat_reply, vector
from argo_proxy.simulator.words import Call, Words

CALLING = Words("text", (Call("f", {"a": 1}), Call("g", {}, "mine")))


def spelled(words, family, *, with_tools=True):
    return json.loads(chat_reply(words, family, 7, with_tools=with_tools).pieces[0])["response"]


def test_text_without_tools_is_a_bare_string():
    assert spelled(Words("x"), Family.OPENAI, with_tools=False) == "x"


@pytest.mark.parametrize(
    ("family", "response"),
    [
        (Family.OPENAI, {"content": "x", "tool_calls": []}),
        (Family.ANTHROPIC, {"content": "x", "tool_calls": []}),
        (Family.GOOGLE, "x"),
    ],
)
def test_text_with_tools_comes_in_both_forms(family, response):
    assert spelled(Words("x"), family) == response


@pytest.mark.parametrize(
    ("family", "first", "second_id"),
    [
        (
            Family.OPENAI,
            {
                "id": "call_000000070000",
                "type": "function",
                "function": {"name": "f", "arguments": '{"a":1}'},
            },
            "mine",
        ),
        (
            Family.ANTHROPIC,
            {"id": "toolu_vrtx_000000070000", "input": {"a": 1}, "name": "f", "type": "tool_use"},
            "mine",
        ),
        (Family.GOOGLE, {"id": None, "name": "f", "args": {"a": 1}}, "mine"),
    ],
)
def test_calls_have_their_familys_shape(family, first, second_id):
    response = spelled(CALLING, family)
    assert response["content"] == "text"
    assert response["tool_calls"][0] == first
    assert response["tool_calls"][1]["id"] == second_id


def test_a_stream_is_raw_text_in_small_pieces():
    reply = streamchat_reply(Words("é" * 20, CALLING.calls))
    assert b"".join(reply.pieces).decode() == "é" * 20
    assert max(map(len, reply.pieces)) == PIECE_BYTES


def test_vectors_depend_on_the_text_alone_and_have_unit_norm():
    first = vector("hi", 1_536)
    assert first == vector("hi", 1_536) != vector("ho", 1_536)
    assert len(first) == 1_536
    assert math.isclose(sum(x * x for x in first), 1, rel_tol=1e-9)
