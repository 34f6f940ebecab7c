"""Laws of the repaired history: calls and results in pairs, whatever the client sends, and nothing lost."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from argo_proxy.canonical.chat import ChatRequest, Message, Part, Text, ToolCall, ToolResult
from argo_proxy.transforms.history_repair import NO_RESULT, SAFE_ID, STRAY, transform
from argo_proxy.transforms.prompted_tools.words import in_words
from tests.known import card
from tests.laws.strategies import law

ids = st.sampled_from(["a", "b", "c", "call_1", "call_2", "", "ä b", "x" * 41]) | st.text(max_size=3)
texts = st.text(max_size=6).map(Text)
made = st.builds(ToolCall, ids, st.sampled_from("fgh"), st.sampled_from(["{}", '{"x": 1}', "no json"]))
brought = st.builds(ToolResult, ids, st.lists(texts, max_size=2).map(tuple))


def messages_of(role: str, parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Message]:
    return st.builds(Message, st.just(role), st.lists(parts, max_size=4).map(tuple))


turns = st.one_of(
    messages_of("system", texts),
    messages_of("user", texts),
    messages_of("assistant", texts | made),
    messages_of("assistant", made),
    messages_of("tool", brought),
)
histories = st.lists(turns, max_size=8).map(tuple)


def repaired(messages: tuple[Message, ...]) -> ChatRequest:
    return transform(ChatRequest("x", messages), card("gpt4o")).request


def said(messages: tuple[Message, ...]) -> Counter[str]:
    """Every text, of results too, and every call by name and arguments."""
    told: Counter[str] = Counter()
    for part in (part for message in messages for part in message.parts):
        match part:
            case Text(text):
                told[text] += 1
            case ToolResult(content=content):
                told.update(inner.text for inner in content if isinstance(inner, Text))
            case ToolCall(_, name, arguments):
                told[f"{name}({arguments})"] += 1
    return told


@law
@given(messages=histories)
def test_calls_are_followed_by_their_results_and_by_nothing_else(messages: tuple[Message, ...]) -> None:
    after = repaired(messages).messages
    for at, message in enumerate(after):
        results = [part for part in message.parts if isinstance(part, ToolResult)]
        before = after[at - 1].calls if at else ()
        assert [result.call_id for result in results] == [call.call_id for call in before]
        assert (message.role == "tool") == bool(before)
        assert not message.calls or at + 1 < len(after)
    every = [call.call_id for message in after for call in message.calls]
    assert len(set(every)) == len(every)
    assert all(map(SAFE_ID.fullmatch, every))


@law
@given(messages=histories)
def test_nothing_is_lost(messages: tuple[Message, ...]) -> None:
    before, after = said(messages), said(repaired(messages).messages)
    assert before - after == Counter()
    assert set(after - before) <= {NO_RESULT.text, STRAY.text}


@law
@given(messages=histories)
def test_what_was_repaired_needs_no_repair(messages: tuple[Message, ...]) -> None:
    once = repaired(messages)
    assert repaired(once.messages) == ChatRequest("x", once.messages)


@law
@given(messages=histories)
def test_the_client_is_told_of_exactly_what_had_no_other_half(messages: tuple[Message, ...]) -> None:
    once = repaired(messages)
    added = said(once.messages) - said(messages)
    assert bool(once.adjusted) == bool(added)


@law
@given(messages=st.lists(messages_of("user", texts) | messages_of("assistant", texts), max_size=5).map(tuple))
def test_a_conversation_without_tools_is_the_same_one(messages: tuple[Message, ...]) -> None:
    request = ChatRequest("x", messages)
    assert transform(request, card("gpt4o")).request is request


@law
@given(messages=histories)
def test_in_words_there_are_only_texts_and_nothing_is_lost(messages: tuple[Message, ...]) -> None:
    paired = repaired(messages).messages
    told = in_words(paired)
    assert [message.role for message in told] == [m.role if m.role != "tool" else "user" for m in paired]
    for before, after in zip(paired, told, strict=True):
        assert all(isinstance(part, Text) for part in after.parts)
        assert all(text in after.text for part in before.parts if isinstance(part, ToolResult) for text in [part.text])
        assert all(f'"name":"{call.name}"' in after.text for call in before.calls)
