import pytest

from argo_proxy.upstreams.resource import anthropic
from tests.upstreams.resource.talk import LINK, PICTURE, said, sent

MODEL = "claudesonnet4"
HELLO = {"role": "user", "content": "hi"}


def test_images_are_anthropics_own_blocks() -> None:
    assert sent(anthropic, MODEL, said("user", "see", PICTURE, name="me")) == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "see"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
            ],
        }
    ]


def test_the_parts_of_a_system_message_are_joined_into_one_string() -> None:
    assert sent(anthropic, MODEL, said("system", "a", " ", "b"), said("user", "hi")) == [
        {"role": "system", "content": "a\nb"},
        HELLO,
    ]


def test_an_empty_turn_of_the_user_is_told_as_empty() -> None:
    assert sent(anthropic, MODEL, said("user", ""), said("assistant", "yes?"), said("user", " ", "")) == [
        {"role": "user", "content": "(empty)"},
        {"role": "assistant", "content": "yes?"},
        {"role": "user", "content": "(empty)"},
    ]


@pytest.mark.parametrize(
    ("parts", "content"),
    [
        (("go on: \n",), "go on:"),
        (("go on:",), "go on:"),
        (("a ", "b \u00a0\n"), [{"type": "text", "text": "a "}, {"type": "text", "text": "b"}]),
        (("a ", "b ", "\n"), [{"type": "text", "text": "a "}, {"type": "text", "text": "b"}]),
    ],
)
def test_what_the_assistant_is_to_go_on_from_does_not_end_in_white_space(
    parts: tuple[str, ...], content: object
) -> None:
    assert sent(anthropic, MODEL, said("user", "hi"), said("assistant", *parts))[-1]["content"] == content


def test_only_the_last_turn_is_trimmed_and_only_the_assistants() -> None:
    messages = (said("user", "hi "), said("assistant", "yes "), said("user", "so "))
    assert [message["content"] for message in sent(anthropic, MODEL, *messages)] == ["hi ", "yes ", "so "]


def test_a_last_turn_that_ends_in_an_image_has_nothing_to_trim() -> None:
    [_, last] = sent(anthropic, MODEL, said("user", "hi"), said("assistant", "a ", PICTURE))
    assert [part["type"] for part in last["content"]] == ["text", "image"]


def test_a_link_that_nobody_fetched_is_a_defect_of_the_proxy() -> None:
    with pytest.raises(AssertionError, match="ImageLink"):
        sent(anthropic, MODEL, said("user", LINK))
