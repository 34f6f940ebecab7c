import pytest

from argo_proxy.canonical.chat import Image, Message, Part, Text, ToolCall, ToolResult
from argo_proxy.upstreams.resource.turns import EMPTY_TURN, LEFT_OUT, begun, joined, opened, spoken

PICTURE = Image("image/png", "AAAA")
CALL = ToolCall("c1", "f", "{}")
RESULT = ToolResult("c1", (Text("done"),))


def said(role: str, *parts: str | Part) -> Message:
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


BEGINNING = Message("user", (LEFT_OUT,))
SYSTEM, ASKED, ANSWERED = said("system", "be brief"), said("user", "hi"), said("assistant", "yes")
CALLING, RETURNED = said("assistant", CALL), said("tool", RESULT)


def test_calls_and_results_are_no_blanks() -> None:
    messages = (ASKED, said("assistant", " ", CALL), said("tool", ToolResult("c1", ())), ANSWERED)
    assert spoken(messages) == (ASKED, CALLING, said("tool", ToolResult("c1", ())), ANSWERED)


def test_results_stand_for_the_users_turn() -> None:
    assert spoken((SYSTEM, CALLING, RETURNED)) == (SYSTEM, CALLING, RETURNED)
    assert spoken((CALLING, RETURNED, ANSWERED)) == (CALLING, RETURNED, ANSWERED, Message("user", (EMPTY_TURN,)))


@pytest.mark.parametrize(
    ("messages", "with_opening", "with_beginning"),
    [
        ((), (), ()),
        ((SYSTEM,), (SYSTEM,), (SYSTEM,)),
        ((ASKED, ANSWERED), (ASKED, ANSWERED), (ASKED, ANSWERED)),
        ((SYSTEM, SYSTEM, ASKED), (SYSTEM, SYSTEM, ASKED), (SYSTEM, SYSTEM, ASKED)),
        ((ANSWERED, ASKED), (BEGINNING, ANSWERED, ASKED), (ANSWERED, ASKED)),
        ((SYSTEM, ANSWERED), (SYSTEM, BEGINNING, ANSWERED), (SYSTEM, ANSWERED)),
        ((CALLING, RETURNED), (BEGINNING, CALLING, RETURNED), (BEGINNING, CALLING, RETURNED)),
        ((SYSTEM, CALLING, RETURNED), (SYSTEM, BEGINNING, CALLING, RETURNED), (SYSTEM, BEGINNING, CALLING, RETURNED)),
        ((ANSWERED, ASKED, CALLING), (BEGINNING, ANSWERED, ASKED, CALLING), (ANSWERED, ASKED, CALLING)),
    ],
)
def test_something_comes_before_the_first_turn_of_the_assistant_or_its_first_calls(
    messages: tuple[Message, ...], with_opening: tuple[Message, ...], with_beginning: tuple[Message, ...]
) -> None:
    assert opened(messages) == with_opening
    assert begun(messages) == with_beginning


@pytest.mark.parametrize(
    ("messages", "as_one"),
    [
        ((), ()),
        ((ASKED, ANSWERED, ASKED), (ASKED, ANSWERED, ASKED)),
        ((ASKED, ASKED, SYSTEM, SYSTEM), (ASKED, ASKED, SYSTEM, SYSTEM)),
        ((ANSWERED, ANSWERED, CALLING, RETURNED), (said("assistant", "yes", "yes", CALL), RETURNED)),
        ((CALLING, RETURNED, CALLING, RETURNED), (CALLING, RETURNED, CALLING, RETURNED)),
        ((RETURNED, ANSWERED), (RETURNED, ANSWERED)),
    ],
)
def test_only_turns_of_the_assistant_are_joined(messages: tuple[Message, ...], as_one: tuple[Message, ...]) -> None:
    assert joined(messages) == as_one
