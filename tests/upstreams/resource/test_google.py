import pytest

from argo_proxy.canonical.chat import Tool, ToolCall, ToolChoice
from argo_proxy.upstreams.resource import google
from argo_proxy.upstreams.resource.turns import LEFT_OUT
from tests.upstreams.resource.talk import LINK, PICTURE, RAIN, ROUNDS, SUN, offered, result, said, sent

MODEL = "gemini25pro"


def test_the_parts_of_a_system_message_are_joined_into_one_string() -> None:
    assert sent(google, MODEL, said("system", "a", "", "b"), said("user", "hi")) == [
        {"role": "system", "content": "a\nb"},
        {"role": "user", "content": "hi"},
    ]


def test_other_parts_are_written_as_openai_writes_them() -> None:
    assert sent(google, MODEL, said("user", "see", PICTURE), said("assistant", "a", "b")) == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "see"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
            ],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
    ]


def test_names_are_not_sent() -> None:
    assert sent(google, MODEL, said("user", "a", name="me")) == [{"role": "user", "content": "a"}]


def test_there_is_always_a_user_turn() -> None:
    assert sent(google, MODEL, said("system", "a")) == [{"role": "user", "content": "a"}]


def test_a_link_that_nobody_fetched_is_a_defect_of_the_proxy() -> None:
    with pytest.raises(AssertionError, match="ImageLink"):
        sent(google, MODEL, said("user", LINK))


def calling(call_id: str, name: str, **arguments: object) -> dict[str, object]:
    return {"role": "assistant", "tool_calls": [{"id": call_id, "name": name, "args": arguments}]}


def returned(call_id: str, name: str, content: str) -> dict[str, object]:
    return {"role": "tool", "tool_call_id": call_id, "name": name, "content": content}


def test_parallel_calls_are_unrolled_to_call_result_call_result() -> None:
    assert sent(google, MODEL, *ROUNDS) == [
        {"role": "user", "content": "weather?"},
        {**calling("c1", "sun", at="Oslo"), "content": "Let me see."},
        returned("c1", "sun", "yes"),
        calling("c2", "rain", at="Bergen"),
        returned("c2", "rain", "no"),
        calling("c3", "wind"),
        returned("c3", "wind", "(no output)"),
        {"role": "assistant", "content": "Sunny."},
    ]


def test_what_was_said_before_calls_is_said_in_the_turn_of_the_first() -> None:
    messages = sent(google, MODEL, said("user", "a"), said("assistant", "b"), said("assistant", "c", " ", SUN),
                    said("tool", result("c1", "x", "y")))  # fmt: skip
    said_first = [{"type": "text", "text": "b"}, {"type": "text", "text": "c"}]
    assert messages[1:] == [{**calling("c1", "sun", at="Oslo"), "content": said_first}, returned("c1", "sun", "x\ny")]


def test_images_that_calls_return_are_shown_by_the_user_after_the_round() -> None:
    messages = sent(google, MODEL, said("user", "a"), said("assistant", SUN, RAIN),
                    said("tool", result("c1", PICTURE), result("c2", "no")), said("assistant", "b"))  # fmt: skip
    assert messages[1:] == [
        calling("c1", "sun", at="Oslo"),
        returned("c1", "sun", "(no output)"),
        calling("c2", "rain", at="Bergen"),
        returned("c2", "rain", "no"),
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What the call c1 returned:"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
            ],
        },
        {"role": "assistant", "content": "b"},
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [("", {}), ('{"a": 1}', {"a": 1}), ("{", {"arguments": "{"}), ("[1]", {"arguments": "[1]"})],
)
def test_arguments_that_are_no_json_object_are_kept_under_a_key(arguments: str, told: object) -> None:
    messages = sent(google, MODEL, said("user", "a"), said("assistant", ToolCall("c1", "f", arguments)),
                    said("tool", result("c1", "x")))  # fmt: skip
    assert messages[1]["tool_calls"] == [{"id": "c1", "name": "f", "args": told}]


def test_calls_come_after_a_turn_of_the_user() -> None:
    messages = sent(google, MODEL, said("system", "x"), said("assistant", "a"), said("assistant", SUN),
                    said("tool", result("c1", "y")))  # fmt: skip
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "tool"]
    assert messages[1]["content"] == LEFT_OUT.text


def test_results_without_calls_are_a_defect_of_the_proxy() -> None:
    with pytest.raises(AssertionError, match="ToolResult"):
        sent(google, MODEL, said("user", "a"), said("tool", result("c1", "x"), result("c2", "x")))
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        sent(google, MODEL, said("user", "a"), said("assistant", SUN, RAIN), said("tool", result("c1", "x")))


SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("tool", "declaration"),
    [
        (Tool("f"), {"name": "f"}),
        (Tool("f", "", {}), {"name": "f"}),
        (Tool("f", "Go.", SCHEMA, strict=True), {"name": "f", "description": "Go.", "parameters": {
            "type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"],
        }}),
    ],
)  # fmt: skip
def test_a_tool_is_a_bare_declaration(tool: Tool, declaration: object) -> None:
    assert offered(google, MODEL, tool) == {"tools": [declaration]}


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (ToolChoice(), None),
        (ToolChoice("none"), "NONE"),
        (ToolChoice("required"), "ANY"),
        (ToolChoice("required", ("f",)), {"mode": "FUNCTION_CALLING", "allowed_function_names": ["f"]}),
        (ToolChoice("required", ("f", "g")), {"mode": "FUNCTION_CALLING", "allowed_function_names": ["f", "g"]}),
    ],
)
def test_the_choice_of_tools_is_told_if_it_is_not_the_models(choice: ToolChoice, told: object) -> None:
    assert offered(google, MODEL, Tool("f"), Tool("g"), choice=choice).get("tool_choice") == told


def test_without_tools_nothing_is_said_about_them() -> None:
    assert offered(google, MODEL, choice=ToolChoice("none")) == {}
