import pytest

from argo_proxy.canonical.chat import Image, Message, Text
from argo_proxy.upstreams.resource.turns import EMPTY_TURN, spoken

PICTURE = Image("image/png", "AAAA")


def said(role: str, *parts: str | Image) -> Message:
    return Message(role, tuple(Text(part) if isinstance(part, str) else part for part in parts))


def test_a_conversation_without_blanks_is_left_as_it_is() -> None:
    messages = (said("system", "be brief"), said("user", " hi\n"), said("assistant", "yes"), said("user", PICTURE, "?"))
    assert spoken(messages) == messages


@pytest.mark.parametrize("blank", ["", " ", "\n\t ", "\u00a0", "\u2003"])
def test_blank_text_is_left_out(blank: str) -> None:
    asked = said("user", "hi")
    assert spoken((said("system", blank), asked, said("assistant", blank))) == (asked,)
    assert spoken((said("user", blank, PICTURE, blank),)) == (said("user", PICTURE),)


def test_a_user_who_says_nothing_still_takes_a_turn() -> None:
    assert spoken((said("user", "", " "),)) == (Message("user", (EMPTY_TURN,)),)
    assert spoken((Message("user", ()),)) == (Message("user", (EMPTY_TURN,)),)


def test_a_conversation_of_system_messages_only_is_asked_by_the_user() -> None:
    assert spoken((said("system", "a"), said("system", "b"))) == (said("system", "a"), said("user", "b"))


@pytest.mark.parametrize("messages", [(), (said("assistant", ""),), (said("system", " "),)])
def test_a_conversation_in_which_nothing_was_said_gets_a_user_turn(messages: tuple[Message, ...]) -> None:
    assert spoken(messages) == (Message("user", (EMPTY_TURN,)),)


def test_a_conversation_of_the_assistant_alone_gets_a_user_turn() -> None:
    assert spoken((said("assistant", "hello"),)) == (said("assistant", "hello"), Message("user", (EMPTY_TURN,)))


def test_a_name_survives() -> None:
    assert spoken((Message("user", (Text("hi"), Text("")), "me"),)) == (Message("user", (Text("hi"),), "me"),)
