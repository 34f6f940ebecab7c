import pytest

from argo_proxy.upstreams.resource import openai
from tests.upstreams.resource.talk import LINK, PICTURE, said, sent


def test_one_text_is_a_string_and_anything_else_a_list_of_parts() -> None:
    messages = (said("system", "a", "b"), said("user", ""), said("assistant", "c"), said("user", "d", PICTURE))
    assert sent(openai, "gpt4o", *messages) == [
        {"role": "system", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {"role": "user", "content": ""},
        {"role": "assistant", "content": "c"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "d"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
            ],
        },
    ]


def test_a_lone_image_is_a_part() -> None:
    [message] = sent(openai, "gpt4o", said("user", PICTURE))
    assert [part["type"] for part in message["content"]] == ["image_url"]


def test_names_are_sent() -> None:
    assert sent(openai, "gpt4o", said("user", "a", name="me"), said("user", "a", "b", name="you")) == [
        {"role": "user", "content": "a", "name": "me"},
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "name": "you"},
    ]


def test_a_link_that_nobody_fetched_is_a_defect_of_the_proxy() -> None:
    with pytest.raises(AssertionError, match="ImageLink"):
        sent(openai, "gpt4o", said("user", LINK))
