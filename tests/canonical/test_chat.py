import pytest

from argo_proxy.canonical.chat import (
    UNCOUNTED,
    ChatRequest,
    Image,
    ImageLink,
    Message,
    Reply,
    Sampling,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)

HI = (Message("user", (Text("hi"),)),)
ONE, OTHER = ToolCall("call_1", "f", "{}"), ToolCall("call_2", "g", '{"a": 1}')


def test_the_text_of_a_message_is_its_text_parts_one_below_the_other() -> None:
    parts = (Text("what is"), Image("image/png", "AAAA"), Text("this"), ImageLink("https://x.example/y"), Text(""))
    assert Message("user", parts).text == "what is\nthis\n"


def test_a_message_without_text_has_an_empty_one() -> None:
    assert Message("user", (Image("image/png", "AAAA"),)).text == ""


def test_a_request_asks_for_one_whole_answer_unless_told_otherwise() -> None:
    request = ChatRequest("gpt-4o", (Message("user", (Text("hi"),)),))
    assert (request.choices, request.stream, request.stream_usage, request.timeout_s) == (1, False, False, None)
    assert request.sampling == Sampling(None, None, None, ())
    assert request.adjusted == ()


def test_values_cannot_be_changed() -> None:
    for value, field in ((Text("a"), "text"), (Sampling(), "stop"), (Message("user", ()), "role")):
        with pytest.raises(AttributeError):
            setattr(value, field, "other")


def test_what_nobody_counted_is_an_estimate_of_nothing() -> None:
    assert (UNCOUNTED.input_tokens, UNCOUNTED.output_tokens, UNCOUNTED.estimated) == (0, 0, True)


def test_the_text_of_a_result_is_that_of_its_content() -> None:
    content = (Text("the sky"), Image("image/png", "AAAA"), Text("is blue"))
    assert ToolResult("call_1", content).text == "the sky\nis blue"
    assert ToolResult("call_1", ()).text == ""


def test_the_calls_of_a_message_are_apart_from_its_text() -> None:
    message = Message("assistant", (Text("a"), ONE, Text("b"), OTHER))
    assert (message.text, message.calls) == ("a\nb", (ONE, OTHER))
    assert HI[0].calls == ()


def test_the_calls_of_a_reply_are_apart_from_its_text_which_is_one() -> None:
    reply = Reply((Text("a"), ONE, Text("b"), OTHER), "tool_calls", UNCOUNTED)
    assert (reply.text, reply.calls) == ("ab", (ONE, OTHER))
    assert (Reply((), "stop", UNCOUNTED).text, Reply((Text("a"),), "stop", UNCOUNTED).calls) == ("", ())


@pytest.mark.parametrize(
    ("tools", "choice", "may_call"),
    [
        ((), ToolChoice(), False),
        ((Tool("f"),), ToolChoice(), True),
        ((Tool("f"),), ToolChoice("required", ("f",)), True),
        ((Tool("f"),), ToolChoice("none"), False),
    ],
)
def test_calls_come_where_there_are_tools_that_may_be_called(
    tools: tuple[Tool, ...], choice: ToolChoice, may_call: bool
) -> None:
    assert ChatRequest("gpt-4o", HI, tools=tools, tool_choice=choice).may_call is may_call


def test_what_was_changed_is_added_to_what_was_changed_before() -> None:
    request = ChatRequest("gpt-4o", HI, adjusted=("seed dropped",))
    assert request.changed("a renamed b", "c clamped to 1").adjusted == (
        "seed dropped",
        "a renamed b",
        "c clamped to 1",
    )
    assert request.changed() is request
