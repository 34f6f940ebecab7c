import pytest

from argo_proxy.upstreams.resource import google
from tests.upstreams.resource.talk import LINK, PICTURE, said, sent

MODEL = "gemini25pro"


def test_the_parts_of_a_system_message_are_joined_into_one_string() -> None:
    assert sent(google, MODEL, said("system", "a", "", "b"), said("user", "hi")) == [
        {"role": "system", "content": "a\nb"},
        {"role": "user", "content": "hi"},
    ]


def test_other_parts_are_written_as_openai_writes_them() -> None:
    assert sent(google, MODEL, said("user", "see", PICTURE), said("assistant", "a", "b")) == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "see"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
            ],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
    ]


def test_names_are_not_sent() -> None:
    assert sent(google, MODEL, said("user", "a", name="me")) == [{"role": "user", "content": "a"}]


def test_there_is_always_a_user_turn() -> None:
    assert sent(google, MODEL, said("system", "a")) == [{"role": "user", "content": "a"}]


def test_a_link_that_nobody_fetched_is_a_defect_of_the_proxy() -> None:
    with pytest.raises(AssertionError, match="ImageLink"):
        sent(google, MODEL, said("user", LINK))
