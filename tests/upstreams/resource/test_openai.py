import pytest

from argo_proxy.canonical.chat import Tool, ToolCall, ToolChoice
from argo_proxy.upstreams.resource import openai
from argo_proxy.upstreams.resource.turns import LEFT_OUT
from tests.upstreams.resource.talk import LINK, PICTURE, ROUNDS, SUN, offered, result, said, sent


def test_one_text_is_a_string_and_anything_else_a_list_of_parts() -> None:
    messages = (said("system", "a", "b"), said("user", ""), said("assistant", "c"), said("user", "d", PICTURE))
    assert sent(openai, "gpt4o", *messages) == [
        {"role": "system", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {"role": "user", "content": ""},
        {"role": "assistant", "content": "c"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "d"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
            ],
        },
    ]


def test_a_lone_image_is_a_part() -> None:
    [message] = sent(openai, "gpt4o", said("user", PICTURE))
    assert [part["type"] for part in message["content"]] == ["image_url"]


def test_names_are_sent() -> None:
    assert sent(openai, "gpt4o", said("user", "a", name="me"), said("user", "a", "b", name="you")) == [
        {"role": "user", "content": "a", "name": "me"},
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "name": "you"},
    ]


def test_a_link_that_nobody_fetched_is_a_defect_of_the_proxy() -> None:
    with pytest.raises(AssertionError, match="ImageLink"):
        sent(openai, "gpt4o", said("user", LINK))


def call(call_id: str, name: str, arguments: str) -> dict[str, object]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def test_every_call_of_every_round_is_followed_by_its_result() -> None:
    assert sent(openai, "gpt4o", *ROUNDS) == [
        {"role": "user", "content": "weather?"},
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [call("c1", "sun", '{"at": "Oslo"}'), call("c2", "rain", '{"at": "Bergen"}')],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "yes"},
        {"role": "tool", "tool_call_id": "c2", "content": "no"},
        {"role": "assistant", "tool_calls": [call("c3", "wind", "{}")]},
        {"role": "tool", "tool_call_id": "c3", "content": ""},
        {"role": "assistant", "content": "Sunny."},
    ]


def test_content_without_text_is_left_out_beside_calls() -> None:
    [_, message, *_] = sent(openai, "gpt4o", said("user", "a"), said("assistant", "", SUN, name="me"))
    assert message == {"role": "assistant", "name": "me", "tool_calls": [call("c1", "sun", '{"at": "Oslo"}')]}
    [_, message, *_] = sent(openai, "gpt4o", said("user", "a"), said("assistant", "b", "", "c", SUN))
    assert message["content"] == [{"type": "text", "text": "b"}, {"type": "text", "text": "c"}]


@pytest.mark.parametrize("arguments", ["", "{", "[1]", "null", '{"a" : 1}', "so: é"])
def test_arguments_are_sent_to_the_letter(arguments: str) -> None:
    [_, message] = sent(openai, "gpt4o", said("user", "a"), said("assistant", ToolCall("c1", "f", arguments)))
    assert message["tool_calls"] == [call("c1", "f", arguments)]


def test_a_conversation_does_not_begin_with_calls() -> None:
    """Seen with the o-series, see argo-gateway.md."""
    messages = sent(openai, "gpto3", said("system", "x"), said("assistant", SUN), said("tool", result("c1")))
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "tool"]
    assert messages[1]["content"] == LEFT_OUT.text


def test_images_that_calls_return_are_shown_by_the_user_after_all_results() -> None:
    results = said("tool", result("c1", "see", PICTURE, "there"), result("c2", PICTURE), result("c3", "none"))
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}}
    assert sent(openai, "gpt4o", results) == [
        {"role": "tool", "tool_call_id": "c1", "content": "see\nthere"},
        {"role": "tool", "tool_call_id": "c2", "content": ""},
        {"role": "tool", "tool_call_id": "c3", "content": "none"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What the call c1 returned:"},
                image,
                {"type": "text", "text": "What the call c2 returned:"},
                image,
            ],
        },
    ]


SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("tool", "function"),
    [
        (Tool("f"), {"name": "f"}),
        (Tool("f", "", {}), {"name": "f"}),
        (Tool("f", "Go.", SCHEMA), {"name": "f", "description": "Go.", "parameters": SCHEMA}),
        (Tool("f", "Go.", SCHEMA, strict=True),
         {"name": "f", "description": "Go.", "parameters": SCHEMA, "strict": True}),
        (Tool("f", strict=True), {"name": "f"}),  # OpenAI refuses `strict` without parameters
        (Tool("f", None, {"anyOf": [SCHEMA]}),
         {"name": "f", "description": '(JSON Schema: {"anyOf":[{"type":"object","properties":{"at":{"type":"string"}},'
          '"required":["at"],"additionalProperties":false}]})',
          "parameters": {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]}}),
    ],
)  # fmt: skip
def test_a_tool_is_defined_as_a_function(tool: Tool, function: object) -> None:
    assert offered(openai, "gpt4o", tool) == {"tools": [{"type": "function", "function": function}]}


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (ToolChoice(), None),
        (ToolChoice("none"), "none"),
        (ToolChoice("required"), "required"),
        (ToolChoice("required", ("f",)), {"type": "function", "function": {"name": "f"}}),
    ],
)
def test_the_choice_of_tools_is_told_if_it_is_not_the_models(choice: ToolChoice, told: object) -> None:
    assert offered(openai, "gpt4o", Tool("f"), choice=choice).get("tool_choice") == told


def test_without_tools_nothing_is_said_about_them() -> None:
    assert offered(openai, "gpt4o", choice=ToolChoice("none")) == {}


def test_a_call_where_none_can_be_is_a_defect_of_the_proxy() -> None:
    with pytest.raises(AssertionError, match="ToolResult"):
        sent(openai, "gpt4o", said("user", result("c1", "x")))
