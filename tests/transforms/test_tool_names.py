import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from argo_proxy.canonical.chat import ChatRequest, Message, Text, Tool, ToolCall, ToolChoice, ToolResult
from argo_proxy.transforms.tool_names import SAFE_NAME, safe_name, transform
from tests.known import card
from tests.laws.strategies import law
from tests.transforms.staged import reply, staged

HI = Message("user", (Text("hi"),))
AUTO = ToolChoice()
DOTTED = "files.read"
SAFE = safe_name(DOTTED)


def named(*names: str, messages: tuple[Message, ...] = (HI,), choice: ToolChoice = AUTO) -> ChatRequest:
    return ChatRequest("x", messages, tuple(map(Tool, names)), choice)


def test_safe_names_are_left_alone() -> None:
    request = named("f", "_f-2", "F" * 64)
    done = transform(request, card("gpt4o"))
    assert done.request is request
    assert done.stage is None


@pytest.mark.parametrize("name", [DOTTED, "2nd", "-f", "f" * 65, "größe", "a b", "", "f\n", "a/b" * 50])
def test_other_names_become_safe_and_still_tell_what_they_mean(name: str) -> None:
    assert SAFE_NAME.fullmatch(safe_name(name))
    assert safe_name(name) == safe_name(name)
    assert SAFE.startswith("_files_read_")


def test_a_name_is_replaced_wherever_it_stands_and_comes_back_in_the_answer() -> None:
    call = ToolCall("call_1", DOTTED, "{}")
    past = (HI, Message("assistant", (Text("x"), call)), Message("tool", (ToolResult("call_1", (Text(DOTTED),)),)))
    done = transform(named(DOTTED, "f", messages=past, choice=ToolChoice("required", (DOTTED,))), card("gpt4o"))
    renamed = ToolCall("call_1", SAFE, "{}")
    sent = (HI, Message("assistant", (Text("x"), renamed)), past[2])
    assert done.request == named(SAFE, "f", messages=sent, choice=ToolChoice("required", (SAFE,)))
    assert done.stage is not None
    own = ToolCall("call_2", "f", "{}")
    assert staged(done.stage(), DOTTED, renamed, own) == reply(DOTTED, call, own)


def test_a_name_that_only_the_past_knows_is_replaced_too() -> None:
    past = (HI, Message("assistant", (ToolCall("call_1", "old.tool", "{}"),)))
    [call] = transform(named("f", messages=past), card("gpt4o")).request.messages[1].calls
    assert call.name == safe_name("old.tool")


def test_a_tool_may_have_the_name_that_another_is_given() -> None:
    done = transform(named(DOTTED, SAFE), card("gpt4o"))
    names = [tool.name for tool in done.request.tools]
    assert names == [SAFE, safe_name(SAFE)]
    assert done.stage is not None
    calls = [ToolCall("", name, "{}") for name in names]
    assert [call.name for call in staged(done.stage(), *calls).calls] == [DOTTED, SAFE]


names = st.text(st.sampled_from("ab._- é2") | st.characters(exclude_categories=["Cs"]), max_size=70)


@law
@given(first=st.lists(names, max_size=6), others=st.lists(names, max_size=3))
@example(first=["a.b", "a_b", "a b", safe_name("a.b"), safe_name(safe_name("a.b"))], others=["f"])
def test_names_stay_different_and_are_the_same_at_every_turn(first: list[str], others: list[str]) -> None:
    every = list(dict.fromkeys([*first, *others, *map(safe_name, first)]))
    sent = [tool.name for tool in transform(named(*every), card("gpt4o")).request.tools]
    assert len(set(sent)) == len(every)
    assert all(map(SAFE_NAME.fullmatch, sent))
    for name, given_name in zip(every, sent, strict=True):
        [alone] = transform(named(name), card("gpt4o")).request.tools
        assert alone.name == given_name
