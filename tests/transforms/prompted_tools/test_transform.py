import pytest
from msgspec.structs import replace

from argo_proxy.canonical.chat import ChatRequest, Message, Reply, Text, Tool, ToolCall, ToolChoice, ToolResult
from argo_proxy.canonical.spokes import Mismatch, Transformed
from argo_proxy.transforms.prompted_tools import PROMPTS, prompts, transform
from tests.known import card
from tests.transforms.staged import reply, staged

HI = Message("user", (Text("hi"),))
F = Tool("f", "says {braces}", {"type": "object", "properties": {"{x}": {}}})
REQUEST = ChatRequest("x", (HI,), tools=(F, Tool("{g}")))
CALL, OTHER = ToolCall("", "f", "{}"), ToolCall("", "{g}", "{}")


def told(family: str = "plain", mode: str = "auto", *names: str, parallel: bool = True) -> Transformed:
    wordy = replace(card("gpto1mini"), tools=False, tool_prompt=family)
    choice = ToolChoice(mode, names)
    return transform(replace(REQUEST, tool_choice=choice, parallel_tools=parallel), wordy)


def test_models_that_take_tools_get_them_as_they_are() -> None:
    done = transform(REQUEST, card("gpt4o"))
    assert done.request is REQUEST
    assert (done.stage, done.check) == (None, None)


@pytest.mark.parametrize("family", PROMPTS)
def test_tools_are_told_in_the_instructions(family: str) -> None:
    done = told(family)
    prompt, hi = done.request.messages
    assert hi is HI
    assert prompt.role == "system"
    assert (
        '{"name":"f","description":"says {braces}","parameters":{"type":"object","properties":{"{x}":{}}}}'
        '\n{"name":"{g}"}\n' in prompt.text
    )
    assert (done.request.tools, done.request.tool_choice) == ((), ToolChoice())
    assert done.request.adjusted == ("tools put into the prompt",)


@pytest.mark.parametrize(
    ("mode", "names", "choice"),
    [
        ("auto", (), prompts.CHOICE_FREE),
        ("required", (), prompts.CHOICE_ANY),
        ("required", ("{g}",), 'This time you must call the tool "{g}".'),
    ],
)
def test_the_choice_is_told(mode: str, names: tuple[str, ...], choice: str) -> None:
    assert choice in told("plain", mode, *names).request.messages[0].text


def test_the_number_of_calls_is_told() -> None:
    assert prompts.NUMBER_ANY in told().request.messages[0].text
    assert prompts.NUMBER_ONE in told(parallel=False).request.messages[0].text


@pytest.mark.parametrize("request_", [told("plain", "none"), transform(ChatRequest("x", (HI,)), card("gpto1mini"))])
def test_nothing_is_told_where_nothing_may_be_called(request_: Transformed) -> None:
    assert request_ == Transformed(ChatRequest("x", (HI,)))


def test_the_past_is_told_in_words_even_where_nothing_may_be_called() -> None:
    past = (HI, Message("assistant", (CALL,)), Message("tool", (ToolResult("", (Text("4"),)),)))
    silent = replace(REQUEST, messages=past, tool_choice=ToolChoice("none"))
    messages = transform(silent, card("gpto1mini")).request.messages
    assert [message.role for message in messages] == ["user", "assistant", "user"]
    assert messages[2].text == '<tool_result name="f">\n4\n</tool_result>'


def test_calls_in_the_answer_are_made() -> None:
    stage = told().stage
    assert stage is not None
    written = '<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>'
    assert staged(stage(), f"look{written}") == reply("look", CALL, reason="tool_calls")


def test_an_answer_that_need_not_call_is_not_checked() -> None:
    assert told().check is None


@pytest.mark.parametrize(
    ("names", "answer"),
    [
        ((), reply(CALL, reason="tool_calls")),
        (("f",), reply("look", OTHER, CALL, reason="tool_calls")),
        ((), reply("cut of", reason="length")),
        (("f",), reply(OTHER, reason="content_filter")),
    ],
)
def test_an_answer_that_calls_or_was_cut_off_before_fulfils_the_choice(names: tuple[str, ...], answer: Reply) -> None:
    check = told("plain", "required", *names).check
    assert check is not None
    assert check(answer) is answer


@pytest.mark.parametrize(
    ("names", "answer", "wanted", "choice"),
    [
        ((), reply("no"), "call a tool", prompts.CHOICE_ANY),
        (("{g}",), reply("no"), r"call \{g\}", 'This time you must call the tool "{g}".'),
        (("f",), reply(OTHER, reason="tool_calls"), "call f", 'This time you must call the tool "f".'),
    ],
)
def test_an_answer_without_the_call_that_is_required_is_complained_of(
    names: tuple[str, ...], answer: Reply, wanted: str, choice: str
) -> None:
    check = told("plain", "required", *names).check
    assert check is not None
    with pytest.raises(Mismatch, match=f"the model was to {wanted}, but did not") as caught:
        check(answer)
    assert caught.value.complaint == prompts.COMPLAINT.format(choice=choice)
    assert (caught.value.error.http_status, caught.value.error.http_code) == (502, "no_tool_call")
