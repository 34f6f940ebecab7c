import pytest

from argo_proxy.canonical.chat import Image, ImageLink, Message, Text, ToolCall, ToolResult
from argo_proxy.canonical.errors import BadRequest, Unsupported
from argo_proxy.dialects.openai_responses.gist import MAX_GISTS, sealed
from argo_proxy.dialects.openai_responses.messages import read_conversation
from tests.dialects.openai_responses.asking import F, call, items, namespace, result, user
from tests.dialects.openai_responses.item_strategies import PNG


def read(*given: dict[str, object]) -> tuple[Message, ...]:
    return read_conversation(items(*given))


def parts(*content: object) -> dict[str, object]:
    return {"role": "user", "content": list(content)}


def image(**fields: object) -> dict[str, object]:
    return {"type": "input_image", **fields}


def test_developers_give_system_messages() -> None:
    assert read({"role": "developer", "content": "a"}, {"role": "system", "content": "b"}, user("c")) == (
        Message("system", (Text("a"),)),
        Message("system", (Text("b"),)),
        Message("user", (Text("c"),)),
    )


def test_texts_of_every_kind_are_texts_and_no_content_is_empty_text() -> None:
    texts = [{"type": "output_text", "text": "b"}, {"type": "refusal", "refusal": "c"}]
    assert read({"role": "assistant", "content": texts}) == (Message("assistant", (Text("b"), Text("c"))),)
    assert read(parts(), {"role": "assistant", "content": []}) == (
        Message("user", (Text(""),)),
        Message("assistant", (Text(""),)),
    )


def test_calls_with_what_is_said_around_them_are_one_turn() -> None:
    said = {"role": "assistant", "content": "look"}
    custom = {"type": "custom_tool_call", "call_id": "call_2", "name": "patch", "input": '*"', "namespace": "functions"}
    custom_result = {"type": "custom_tool_call_output", "call_id": "call_2", "output": "done"}
    turn, *results, last = read(said, call(), custom, said, custom_result, result("ok"), said)
    calls = (ToolCall("call_1", "f", "{}"), ToolCall("call_2", "functions__patch", '{"input":"*\\""}'))
    assert turn == Message("assistant", (Text("look"), *calls, Text("look")))
    assert results == [
        Message("tool", (ToolResult("call_2", (Text("done"),)),)),
        Message("tool", (ToolResult("call_1", (Text("ok"),)),)),
    ]
    assert last == Message("assistant", (Text("look"),))
    assert len(read(said, said)) == 2


def test_a_search_for_tools_is_a_call_and_finds_them_under_the_names_to_call_them_by() -> None:
    searched: dict[str, object] = {"type": "tool_search_call", "call_id": "call_1", "arguments": {"query": "x"}}
    found: dict[str, object] = {
        "type": "tool_search_output",
        "call_id": "call_1",
        "tools": [namespace("mail", {**F, "description": "Old."}), namespace("mail", F)],
    }
    assert read(searched, found) == (
        Message("assistant", (ToolCall("call_1", "tool_search", '{"query":"x"}'),)),
        Message("tool", (ToolResult("call_1", (Text('[{"name":"mail__f","description":null}]'),)),)),
    )
    assert read({"type": "tool_search_call", "arguments": {}}, {"type": "tool_search_output", "tools": []}) == (
        Message("assistant", (ToolCall("", "tool_search", "{}"),)),
        Message("tool", (ToolResult("", (Text("[]"),)),)),
    )


def test_thoughts_tools_and_references_say_nothing() -> None:
    assert read({"type": "reasoning"}, {"type": "additional_tools", "tools": []}, {"id": "msg_1"}) == ()


def test_a_gist_is_told_by_the_user() -> None:
    (told,) = read({"type": "compaction", "encrypted_content": sealed("They met.")})
    assert (told.role, told.text) == ("user", "Summary of the conversation so far:\n\nThey met.")


def test_images_come_as_links_or_with_their_data() -> None:
    data = PNG.partition(",")[2]
    given = parts(image(image_url=PNG), image(image_url="HTTPS://x.example/a", detail="original"))
    assert read(given) == (Message("user", (Image("image/png", data), ImageLink("HTTPS://x.example/a", "high"))),)
    (told,) = read(result([image(image_url=PNG, detail="low")]))
    assert told.parts == (ToolResult("call_1", (Image("image/png", data, "low"),)),)


@pytest.mark.parametrize(
    ("item", "param"),
    [
        (parts({"type": "input_file", "file_id": "x"}), "input[3].content[0]"),
        (parts({"type": "input_text", "text": ""}, {"type": "input_audio"}), "input[3].content[1]"),
        (parts(image(file_id="file_1")), "input[3].content[0].file_id"),
        ({"role": "developer", "content": [image(image_url=PNG)]}, "input[3].content[0]"),
        ({"role": "assistant", "content": [image(image_url=PNG)]}, "input[3].content[0]"),
    ],
)
def test_what_no_model_takes_is_refused_by_place(item: dict[str, object], param: str) -> None:
    with pytest.raises(Unsupported) as caught:
        read_conversation(items(item), first=3)
    assert caught.value.param == param


def test_an_image_that_is_none_is_refused_by_place() -> None:
    with pytest.raises(BadRequest) as caught:
        read(result([{"type": "input_text", "text": "x"}, image(image_url="data:image/png;base64,!")]))
    assert caught.value.param == "input[0].output[1].image_url"


def test_only_so_many_compactions_are_read_for_each_can_swell() -> None:
    gist = {"type": "compaction", "encrypted_content": sealed("They met.")}
    assert len(read(*[gist] * MAX_GISTS)) == MAX_GISTS
    with pytest.raises(BadRequest, match="at most 16 compactions, not 17") as caught:
        read(*[gist] * (MAX_GISTS + 1))
    assert caught.value.param == "input"
