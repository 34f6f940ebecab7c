import pytest

from argo_proxy.canonical.chat import Tool, ToolChoice
from argo_proxy.canonical.errors import BadRequest
from argo_proxy.dialects.openai_responses.tools import (
    Origin,
    Toolbox,
    flat_name,
    free_text_of,
    hosted,
    read_choice,
    read_tools,
    told_tools,
)
from tests.dialects.openai_responses.asking import SEARCH, F, namespace, parsed, refusal

G: dict[str, object] = {"type": "custom", "name": "g"}
WEB: dict[str, object] = {"type": "web_search"}
CITY: dict[str, object] = {"type": "object", "properties": {"city": {"type": "string"}}}


def test_every_tool_is_a_function_and_knows_where_it_is_from() -> None:
    box = read_tools([F, namespace("mail", {**F, "name": "send", "strict": True}, G), SEARCH])
    assert [tool.name for tool in box.tools] == ["f", "mail__send", "mail__g", "tool_search"]
    assert box.tools[:2] == (Tool("f"), Tool("mail__send", strict=True))
    assert [box.origin(tool.name) for tool in box.tools] == [
        Origin("function", "f"),
        Origin("function", "send", "mail"),
        Origin("custom", "g", "mail"),
        Origin("tool_search", "tool_search"),
    ]
    assert box.origin("made__up") == Origin("function", "made__up")
    assert (flat_name(None, "f"), flat_name("", "f"), flat_name("a", "f")) == ("f", "f", "a__f")


def test_a_function_keeps_what_a_model_is_told_of_it() -> None:
    (tool,) = read_tools([{**F, "description": "It does.", "parameters": CITY, "defer_loading": True}]).tools
    assert tool == Tool("f", "It does.", CITY)
    assert read_tools([{**F, "description": "", "parameters": None, "strict": None}]).tools == (Tool("f"),)


@pytest.mark.parametrize(
    ("form", "about"),
    [
        (None, ""),
        ({"type": "text"}, ""),
        ({"type": "grammar", "syntax": "lark", "definition": "start: /a/"}, "grammar (lark):\nstart: /a/"),
    ],
)
def test_the_input_of_a_custom_tool_is_an_argument(form: object, about: str) -> None:
    ((name, _, schema, _),) = [
        (tool.name, tool.description, tool.parameters or {}, tool.strict)
        for tool in read_tools([{**G, "format": form}]).tools
    ]
    assert (name, schema["required"], schema["additionalProperties"]) == ("g", ["input"], False)
    assert about in str(schema["properties"]).encode().decode("unicode_escape")
    assert ("grammar" in str(schema)) == bool(about)


def test_tools_given_twice_are_one_and_two_different_ones_cannot_share_a_name() -> None:
    assert len(read_tools([F, F]).tools) == 1
    with pytest.raises(BadRequest, match="two different tools have the name 'a__f'") as caught:
        read_tools([{**F, "name": "a__f"}, namespace("a", {**F, "description": "Another."})])
    assert caught.value.param == "tools[1]"


def test_of_tools_that_come_up_in_the_conversation_the_newest_counts() -> None:
    box = read_tools([F], [{**F, "description": "Old."}, {**F, "description": "New."}, {**G, "name": "f2"}])
    assert [(tool.name, tool.description) for tool in box.tools] == [("f", "New."), ("f2", None)]


@pytest.mark.parametrize(
    ("more", "index"),
    [
        ({"tools": [WEB]}, 0),
        ({"tools": [F, WEB]}, 1),
        ({"tools": [WEB], "tool_choice": "auto"}, 0),
        ({"tools": [F, WEB], "tool_choice": "required"}, 1),
        ({"tools": [F, {"type": "tool_search"}]}, 1),
    ],
)
def test_tools_that_only_openai_runs_are_refused(more: dict[str, object], index: int) -> None:
    error = refusal(**more)
    assert (error.param, error.http_code) == (f"tools[{index}].type", "unsupported_value")


@pytest.mark.parametrize("choice", ["auto", "none"])
def test_they_are_left_out_where_the_client_can_do_without_them(choice: str) -> None:
    request = parsed(tools=[WEB, F], tool_choice=choice)
    assert request.tools == (Tool("f"),)
    assert request.adjusted == ("tool web_search dropped",)
    assert list(hosted([F, {"type": "tool_search"}])) == ["tool tool_search dropped"]


@pytest.mark.parametrize("kind", [None, "", 5, ["function"], "web\r\nset-cookie: a=b", "x" * 65])
def test_a_type_that_is_no_word_is_refused_and_gets_into_no_header(kind: object) -> None:
    assert refusal(tools=[F, {"type": kind}], tool_choice="auto").param == "tools[1].type"


@pytest.mark.parametrize(
    ("given", "choice"),
    [
        (None, ToolChoice()),
        ("auto", ToolChoice()),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        (F, ToolChoice("required", ("f",))),
        (G, ToolChoice("required", ("g",))),
        ({**F, "namespace": "mail"}, ToolChoice("required", ("mail__f",))),
        ({"type": "allowed_tools", "mode": "auto", "tools": [F, G]}, ToolChoice("auto", ("f", "g"))),
    ],
)
def test_choices(given: str | dict[str, object] | None, choice: ToolChoice) -> None:
    assert read_choice(given, read_tools([F, G, namespace("mail", F)])) == choice


@pytest.mark.parametrize(
    "given", ["sometimes", "", "required", {}, {"type": "mcp"}, {"type": ["x" * 5000]}, F, {"type": "function"}]
)
def test_choices_that_cannot_be_made(given: str | dict[str, object]) -> None:
    with pytest.raises(BadRequest) as caught:
        read_choice(given, Toolbox())
    assert (caught.value.param or "").partition(".")[0] == "tool_choice"
    assert len(caught.value.message) < 200


def test_a_choice_is_made_among_the_tools_of_the_conversation_too() -> None:
    more: dict[str, object] = {"type": "additional_tools", "tools": [namespace("mail", F)]}
    request = parsed(more, {"role": "user", "content": "x"}, tool_choice={**F, "namespace": "mail"})
    assert request.tool_choice.names == ("mail__f",)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{"input": "*** é\\n"}', "*** é\n"),
        ('{"input": 5}', '{"input": 5}'),
        ("plain", "plain"),
        ("", ""),
        ('{"a":' * 5000, '{"a":' * 5000),
    ],
)
def test_free_text_is_the_input_or_what_was_written_in_its_place(arguments: str, text: str) -> None:
    assert free_text_of(arguments) == text


def test_tools_are_repeated_in_full_as_far_as_they_can_work() -> None:
    assert told_tools([F, WEB, G]) == [{**F, "description": None, "parameters": None, "strict": False}, G]


def test_tools_that_would_have_one_name_in_different_places_are_refused() -> None:
    with pytest.raises(BadRequest, match="mail__f"):
        read_tools([namespace("mail", F), {**F, "name": "mail__f"}])


def test_a_tool_called_by_its_inner_name_is_known_if_only_one_has_it() -> None:
    box = read_tools([namespace("mail", F, {**F, "name": "g"}), namespace("post", {**F, "name": "g"})])
    assert box.origin("f") == Origin("function", "f", "mail")
    assert box.origin("g") == Origin("function", "g")


def test_a_tool_without_a_description_is_described_as_its_namespace_is() -> None:
    about = {**namespace("mail", F, {**F, "name": "g", "description": "Own."}), "description": "Mail."}
    assert [tool.description for tool in read_tools([about]).tools] == ["Mail.", "Own."]
