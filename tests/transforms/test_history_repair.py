import pytest

from argo_proxy.canonical.chat import ChatRequest, Image, Message, Part, Text, ToolCall, ToolResult
from argo_proxy.transforms.history_repair import NO_RESULT, SAFE_ID, STRAY, transform
from tests.known import card

HI, MORE, BRIEF = (Message(role, (Text(role),)) for role in ("user", "user", "system"))
PICTURE = Image("image/png", "AAAA")


def calls(*call_ids: str, said: str = "") -> Message:
    text = (Text(said),) if said else ()
    return Message("assistant", (*text, *(ToolCall(call_id, f"f_{call_id}", "{}") for call_id in call_ids)))


def results(*call_ids: str, said: str = "4") -> Message:
    return Message("tool", tuple(ToolResult(call_id, (Text(said),)) for call_id in call_ids))


def missing(*call_ids: str) -> tuple[Part, ...]:
    return tuple(ToolResult(call_id, (NO_RESULT,)) for call_id in call_ids)


def stray(said: str = "4") -> Message:
    return Message("user", (STRAY, Text(said)))


def repaired(*messages: Message) -> tuple[tuple[Message, ...], bool]:
    """The conversation afterwards, and whether the client is told of it."""
    done = transform(ChatRequest("x", messages, adjusted=("seed dropped",)), card("gpt4o")).request
    assert done.adjusted in (("seed dropped",), ("seed dropped", "tool history repaired"))
    return done.messages, len(done.adjusted) == 2


def test_a_conversation_without_tools_is_the_same_one() -> None:
    request = ChatRequest("x", (BRIEF, HI, Message("assistant", (Text("yes"),)), MORE))
    assert transform(request, card("gpt4o")).request is request


@pytest.mark.parametrize(
    "messages",
    [
        (HI, calls("a"), results("a")),
        (HI, calls("a", "b", said="look"), results("a", "b"), MORE, calls("c"), results("c"), HI),
    ],
)
def test_a_sound_conversation_stays_as_it_is(messages: tuple[Message, ...]) -> None:
    assert repaired(*messages) == (messages, False)


@pytest.mark.parametrize(
    ("messages", "after"),
    [
        ((calls("a", "b"), results("b"), results("a")), (calls("a", "b"), results("a", "b"))),
        ((calls("a"), HI, BRIEF, results("a"), MORE), (calls("a"), results("a"), HI, BRIEF, MORE)),
        ((calls("a"), calls("b"), results("b", "a")), (calls("a"), results("a"), calls("b"), results("b"))),
        (
            (calls("a"), results("a", said="1"), results("a", said="2")),
            (calls("a"), Message("tool", (ToolResult("a", (Text("1"), Text("2"))),))),
        ),
        (
            (calls("a"), Message("tool", (ToolResult("a", ()),))),
            (calls("a"), Message("tool", (ToolResult("a", ()),))),
        ),
        (
            (Message("assistant", (*calls("a").parts, Text("look"))), results("a")),
            (calls("a", said="look"), results("a")),
        ),
        ((calls("a"), Message("tool", ()), results("a")), (calls("a"), results("a"))),
    ],
)
def test_results_follow_their_calls_in_the_order_of_these(
    messages: tuple[Message, ...], after: tuple[Message, ...]
) -> None:
    assert repaired(*messages) == (after, False)


@pytest.mark.parametrize(
    ("messages", "after"),
    [
        ((HI, calls("a")), (HI, calls("a"), Message("tool", missing("a")))),
        (
            (calls("a", "b"), results("b"), HI),
            (calls("a", "b"), Message("tool", (*missing("a"), *results("b").parts)), HI),
        ),
        ((HI, results("x")), (HI, stray())),
        ((results("a", said="early"), calls("a"), results("a")), (stray("early"), calls("a"), results("a"))),
        ((calls("a"), results("x"), results("a")), (calls("a"), results("a"), stray())),
        (
            (Message("tool", (ToolResult("x", (Text("see"), PICTURE)), ToolResult("y", ()))),),
            (Message("user", (STRAY, Text("see"), PICTURE)), Message("user", (STRAY,))),
        ),
    ],
)
def test_what_has_no_other_half_gets_one_or_becomes_text_and_the_client_is_told(
    messages: tuple[Message, ...], after: tuple[Message, ...]
) -> None:
    assert repaired(*messages) == (after, True)


def ids_of(*messages: Message) -> list[str]:
    return [call.call_id for message in repaired(*messages)[0] for call in message.calls]


@pytest.mark.parametrize("strange", ["", "a b", "a" * 41, "ä", "fc:1", "a\n"])
def test_an_id_that_a_provider_would_refuse_is_replaced(strange: str) -> None:
    messages, told = repaired(calls("call_1", strange), results(strange), results("call_1"))
    assert [part.call_id for part in messages[1].parts if isinstance(part, ToolResult)] == ids_of(*messages)
    assert ids_of(*messages) == ["call_1", "call_2"]
    assert not told
    assert not SAFE_ID.fullmatch(strange)


def test_an_id_that_comes_again_is_replaced_and_each_result_goes_to_the_nearest_call() -> None:
    rounds = (calls("a"), results("a", said="1"), calls("a"), results("a", said="2"))
    messages, told = repaired(*rounds, calls("call_1"), results("call_1"))
    assert ids_of(*messages) == ["a", "call_1", "call_2"]
    assert [part.text for message in messages for part in message.parts if isinstance(part, ToolResult)] == [
        "1", "2", "4",
    ]  # fmt: skip
    assert not told


def test_calls_of_one_id_in_one_turn_share_the_results_in_their_order() -> None:
    messages, told = repaired(calls("a", "a"), results("a", said="1"), results("a", said="2"), results("a", said="3"))
    assert ids_of(*messages) == ["a", "call_1"]
    assert [part.text for part in messages[1].parts if isinstance(part, ToolResult)] == ["1", "2\n3"]
    assert not told
