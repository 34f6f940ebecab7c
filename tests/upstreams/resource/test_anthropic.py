import pytest

from argo_proxy.canonical.chat import ChatRequest, Tool, ToolCall, ToolChoice
from argo_proxy.upstreams.resource import anthropic
from argo_proxy.upstreams.resource.turns import LEFT_OUT
from tests.known import card
from tests.upstreams.resource.talk import LINK, PICTURE, ROUNDS, SUN, offered, result, said, sent

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


def use(call_id: str, name: str, **arguments: object) -> dict[str, object]:
    return {"type": "tool_use", "id": call_id, "name": name, "input": arguments}


def test_the_results_of_a_round_are_one_turn_of_the_user() -> None:
    assert sent(anthropic, MODEL, *ROUNDS) == [
        {"role": "user", "content": "weather?"},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me see."}, use("c1", "sun", at="Oslo"), use("c2", "rain", at="Bergen"),
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "c1", "content": "yes"},
                {"type": "tool_result", "tool_use_id": "c2", "content": "no"},
            ],
        },
        {"role": "assistant", "content": [use("c3", "wind")]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c3"}]},
        {"role": "assistant", "content": "Sunny."},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "content"),
    [
        ((), None),
        (("", " \n"), None),
        (("a",), "a"),
        (("a ", "", "b"), [{"type": "text", "text": "a "}, {"type": "text", "text": "b"}]),
        (("a", PICTURE), [
            {"type": "text", "text": "a"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
        ]),
        ((PICTURE, " "), [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}]),
    ],
)  # fmt: skip
def test_a_result_has_no_blank_text_and_perhaps_no_content(parts: tuple[str, ...], content: object) -> None:
    [*_, message] = sent(
        anthropic, MODEL, said("user", "a"), said("assistant", SUN), said("tool", result("c1", *parts))
    )
    told = {"type": "tool_result", "tool_use_id": "c1", "content": content}
    assert message == {"role": "user", "content": [{key: value for key, value in told.items() if value}]}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("", {}),
        (" ", {}),
        (' {"a" : [1, null]}', {"a": [1, None]}),
        ('{"a": 123456789012345678901234567890}', {"a": 123456789012345678901234567890}),
        ("{", {"arguments": "{"}),
        ("[1]", {"arguments": "[1]"}),
        ("null", {"arguments": "null"}),
        ('"{}"', {"arguments": '"{}"'}),
        ('{"a": NaN}', {"arguments": '{"a": NaN}'}),
        ("{" * 50_000, {"arguments": "{" * 50_000}),
        ('{"a":' * 50_000, {"arguments": '{"a":' * 50_000}),
    ],
)
def test_arguments_that_are_no_json_object_are_kept_under_a_key(arguments: str, told: object) -> None:
    messages = sent(anthropic, MODEL, said("user", "a"), said("assistant", ToolCall("c1", "f", arguments)))
    assert messages[1]["content"] == [{"type": "tool_use", "id": "c1", "name": "f", "input": told}]


def test_numbers_in_arguments_are_sent_to_the_letter() -> None:
    request = ChatRequest(MODEL, (said("user", "a"), said("assistant", ToolCall("c1", "f", '{"a":1.0,"b":1e2}'))))
    assert b'"input":{"a":1.0,"b":1e2}' in anthropic.encode(request, card(MODEL), "me")


def test_blank_text_is_left_out_beside_calls() -> None:
    [_, message] = sent(anthropic, MODEL, said("user", "a"), said("assistant", "\n", SUN))
    assert message["content"] == [use("c1", "sun", at="Oslo")]


def test_a_last_turn_of_calls_has_nothing_to_trim() -> None:
    [_, message] = sent(anthropic, MODEL, said("user", "a"), said("assistant", "b ", SUN))
    assert message["content"][0] == {"type": "text", "text": "b "}


def test_a_conversation_begins_with_a_turn_of_the_user() -> None:
    messages = sent(anthropic, MODEL, said("system", "x"), said("assistant", SUN), said("tool", result("c1", "y")))
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[1]["content"] == LEFT_OUT.text


SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("tool", "definition"),
    [
        (Tool("f"), {"name": "f", "input_schema": {"type": "object", "properties": {}}}),
        (Tool("f", "", {}), {"name": "f", "input_schema": {"type": "object", "properties": {}}}),
        (Tool("f", "Go.", SCHEMA, strict=True), {"name": "f", "description": "Go.", "input_schema": SCHEMA}),
        (Tool("f", "Go.", {"$ref": "#/$defs/F", "$defs": {"F": SCHEMA}}),
         {"name": "f", "description": "Go.", "input_schema": {"$defs": {"F": SCHEMA}, **SCHEMA}}),
    ],
)  # fmt: skip
def test_a_tool_always_has_a_schema(tool: Tool, definition: object) -> None:
    assert offered(anthropic, MODEL, tool) == {"tools": [definition]}


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (ToolChoice(), None),
        (ToolChoice("none"), {"type": "none"}),
        (ToolChoice("required"), {"type": "any"}),
        (ToolChoice("required", ("f",)), {"type": "tool", "name": "f"}),
    ],
)
def test_the_choice_of_tools_is_told_if_it_is_not_the_models(choice: ToolChoice, told: object) -> None:
    assert offered(anthropic, MODEL, Tool("f"), choice=choice).get("tool_choice") == told


def test_without_tools_nothing_is_said_about_them() -> None:
    assert offered(anthropic, MODEL, choice=ToolChoice("none")) == {}
