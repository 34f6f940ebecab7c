import base64

import pytest

from argo_proxy.canonical.chat import Image, ImageLink, Message, Part, Text, ToolCall, ToolResult
from tests.dialects.openai_chat.asking import HELLO, call, image, parsed, refusal, turn

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(4)).decode()
DATA_URL = f"data:image/png;base64,{PNG}"


def said(*texts: str) -> tuple[Part, ...]:
    return tuple(map(Text, texts))


@pytest.mark.parametrize("role", ["system", "developer"])
def test_a_developer_is_a_system(role: str) -> None:
    assert turn(role=role, content="be brief", name="boss") == Message("system", (Text("be brief"),), "boss")
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": ""}]
    assert turn(role=role, content=parts) == Message("system", (Text("a"), Text("")))


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("", [""]),
        (None, [""]),
        ("yes", ["yes"]),
        ([{"type": "text", "text": "yes"}, {"type": "refusal", "refusal": "no"}], ["yes", "no"]),
    ],
)
def test_an_assistant_may_have_said_nothing_something_or_no(content: object, texts: list[str]) -> None:
    assert turn(role="assistant", content=content) == Message("assistant", said(*texts))


def test_an_assistant_may_only_have_refused() -> None:
    assert turn(role="assistant", refusal="no", name="it") == Message("assistant", (Text("no"),), "it")
    assert turn(role="assistant", content=None, refusal=None, tool_calls=None) == Message("assistant", (Text(""),))
    assert turn(role="assistant", content="a", tool_calls=[], function_call=None) == Message("assistant", (Text("a"),))


def test_repeated_messages_are_kept() -> None:
    assert parsed(HELLO, HELLO, HELLO).messages == (Message("user", (Text("hi"),)),) * 3


def test_text_and_images_keep_their_order() -> None:
    inline, link = image(f"data:image/jpeg;base64,{PNG}", detail="low"), image("HTTPS://x.example/y.png")
    content = [inline, {"type": "text", "text": "and"}, link, image("http://x.example/z", detail=None)]
    assert turn(role="user", content=content, name="me") == Message(
        "user",
        (
            Image("image/png", PNG, "low"),
            Text("and"),
            ImageLink("HTTPS://x.example/y.png"),
            ImageLink("http://x.example/z"),
        ),
        "me",
    )


@pytest.mark.parametrize(
    "bad",
    [
        {"role": "user", "content": [{"type": "text", "text": "see"}, image("data:image/png;base64,AAAA")]},
        {"role": "tool", "tool_call_id": "x", "content": [{"type": "text", "text": "see"}, image("ftp://x.example")]},
    ],
    ids=["user", "tool"],
)
def test_an_image_that_is_none_is_refused_where_it_stands(bad: dict[str, object]) -> None:
    error = refusal(HELLO, bad)
    assert (error.param, error.http_status) == ("messages[1].content[1].image_url.url", 400)


@pytest.mark.parametrize(
    ("content", "before"),
    [
        ({}, ()),
        ({"content": None}, ()),
        ({"content": ""}, ()),
        ({"content": "Let me look."}, said("Let me look.")),
        ({"content": [{"type": "text", "text": "Let me"}, {"type": "text", "text": "look."}]}, said("Let me", "look.")),
        ({"content": None, "refusal": "I would rather not."}, said("I would rather not.")),
    ],
    ids=["absent", "null", "empty", "text", "parts", "refusal"],
)
def test_calls_come_after_what_was_said_which_may_be_nothing(
    content: dict[str, object], before: tuple[Part, ...]
) -> None:
    calls = [call("call_1", "f", '{"a": 1}'), call("call_2", "g", "not json")]
    told = ToolCall("call_1", "f", '{"a": 1}'), ToolCall("call_2", "g", "not json")
    assert turn(role="assistant", tool_calls=calls, **content) == Message("assistant", (*before, *told))


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ({"content": "sunny"}, said("sunny")),
        ({"content": ""}, said("")),
        ({"content": None}, said("")),
        ({}, said("")),
        ({"content": []}, said("")),
        ({"content": [{"type": "text", "text": "sunny,"}, {"type": "text", "text": "warm"}]}, said("sunny,", "warm")),
        ({"content": [image(DATA_URL), image("https://x.example/y")]},
         (Image("image/png", PNG), ImageLink("https://x.example/y"))),
    ],
)  # fmt: skip
def test_a_result_may_be_a_text_parts_or_nothing(content: dict[str, object], parts: tuple[Part, ...]) -> None:
    assert turn(role="tool", tool_call_id="call_1", **content) == Message("tool", (ToolResult("call_1", parts),))


@pytest.mark.parametrize(("content", "text"), [("sunny", "sunny"), (None, "")])
def test_a_function_and_its_result_find_each_other_by_name(content: object, text: str) -> None:
    called = {"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": "{}"}}
    request = parsed(called, {"role": "function", "name": "f", "content": content})
    (made,), (result,) = (message.parts for message in request.messages)
    assert isinstance(made, ToolCall)
    assert (made.name, made.arguments) == ("f", "{}")
    assert result == ToolResult(made.call_id, (Text(text),))


def test_functions_of_different_names_do_not_share_their_results() -> None:
    one, other = (turn(role="function", name=name, content="x").parts for name in ("f", "g"))
    assert one != other
