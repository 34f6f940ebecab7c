import json

from argo_proxy.canonical.chat import ChatRequest, Image, Sampling
from argo_proxy.upstreams.resource.body import TextBlock, WireMessage
from argo_proxy.upstreams.resource.encoding import encode_body, openai_block
from tests.known import card

HELLO = [WireMessage("user", "hi")]


def asked(*sampling: object) -> ChatRequest:
    return ChatRequest("any", (), sampling=Sampling(*sampling))


def test_what_nobody_set_is_left_out() -> None:
    assert json.loads(encode_body(HELLO, asked(), card("gpt4o"), "me")) == {
        "user": "me",
        "model": "gpt4o",
        "messages": [{"role": "user", "content": "hi"}],
    }


def test_what_was_set_is_sent_under_the_gateways_names() -> None:
    body = json.loads(encode_body(HELLO, asked(0.5, 0.25, 7, ("a", "b")), card("gpt4o"), "me"))
    assert {"temperature": 0.5, "top_p": 0.25, "max_tokens": 7, "stop": ["a", "b"]}.items() <= body.items()
    assert "max_completion_tokens" not in body


def test_the_limit_has_the_name_that_the_model_knows_it_by() -> None:
    body = json.loads(encode_body(HELLO, asked(0.5, 0.25, 7, ("a", "b")), card("gpt5"), "me"))
    assert body["max_completion_tokens"] == 7
    assert "max_tokens" not in body


def test_stop_sequences_are_kept_from_a_model_that_refuses_them() -> None:
    assert "stop" not in json.loads(encode_body(HELLO, asked(0.5, 0.25, 7, ("a", "b")), card("gpt5"), "me"))


def test_zero_is_not_nothing() -> None:
    body = json.loads(encode_body(HELLO, asked(0.0, 0.0), card("gpt4o"), "me"))
    assert (body["temperature"], body["top_p"]) == (0, 0)


def test_a_name_and_blocks_are_written_out() -> None:
    body = encode_body([WireMessage("user", [TextBlock("a")], "me")], asked(), card("gpt4o"), "me")
    assert json.loads(body)["messages"] == [{"role": "user", "content": [{"type": "text", "text": "a"}], "name": "me"}]


def test_an_image_is_a_data_url_and_its_detail_is_told_only_when_it_is_unusual() -> None:
    body = encode_body([WireMessage("user", [openai_block(Image("image/gif", "AA", detail))])
                        for detail in ("auto", "high")], asked(), card("gpt4o"), "me")  # fmt: skip
    assert [message["content"][0]["image_url"] for message in json.loads(body)["messages"]] == [
        {"url": "data:image/gif;base64,AA"},
        {"url": "data:image/gif;base64,AA", "detail": "high"},
    ]
