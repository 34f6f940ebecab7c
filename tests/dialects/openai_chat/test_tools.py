import pytest

from argo_proxy.canonical.chat import Tool, ToolChoice
from tests.dialects.openai_chat.asking import CITY, allowed, named, parsed, refusal, tool

TOOLS = [tool("f"), tool("g"), tool("h")]


@pytest.mark.parametrize(
    ("function", "read"),
    [
        ({}, Tool("f")),
        ({"description": None, "parameters": None, "strict": None}, Tool("f")),
        ({"description": ""}, Tool("f")),
        ({"parameters": {}}, Tool("f", parameters={})),
        ({"description": "It does.", "parameters": CITY, "strict": True}, Tool("f", "It does.", CITY, strict=True)),
        ({"parameters": CITY, "strict": False, "brand_new": 1}, Tool("f", None, CITY)),
    ],
)
def test_a_tool_is_a_function_and_a_function_of_old_is_a_tool(function: dict[str, object], read: Tool) -> None:
    assert parsed(tools=[tool("f", **function)]).tools == (read,)
    assert parsed(functions=[{"name": "f", **function}]).tools == (read,)


def test_tools_keep_their_names_and_their_order() -> None:
    names = ["b.c", "a", "x" * 256, "with space", "é"]
    assert [read.name for read in parsed(tools=[tool(name) for name in names]).tools] == names


def test_a_tool_that_is_given_twice_is_one_tool() -> None:
    assert parsed(tools=[tool("f", parameters=CITY)] * 2).tools == (Tool("f", None, CITY),)


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"tools": [tool("f"), tool("g"), tool("f", strict=True)]}, "tools[2]"),
        ({"functions": [{"name": "f"}, {"name": "f", "description": "Another."}]}, "functions[1]"),
    ],
)
def test_two_different_tools_cannot_share_a_name(given: dict[str, object], param: str) -> None:
    error = refusal(**given)
    assert (error.param, error.message) == (param, "two different tools have the name 'f'; names must be unique")


def test_tools_and_functions_do_not_go_together() -> None:
    assert refusal(tools=[tool("f")], functions=[{"name": "g"}]).param == "functions"
    assert parsed(tools=[tool("f")], functions=[]).tools == parsed(tools=[], functions=[{"name": "f"}]).tools


@pytest.mark.parametrize(
    ("choice", "read"),
    [
        (None, ToolChoice()),
        ("auto", ToolChoice()),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        (named("g"), ToolChoice("required", ("g",))),
        (allowed("auto", "g", "f"), ToolChoice("auto", ("g", "f"))),
        (allowed("required", "h"), ToolChoice("required", ("h",))),
    ],
)
def test_tools_can_be_chosen_in_every_form(choice: object, read: ToolChoice) -> None:
    assert parsed(tools=TOOLS, tool_choice=choice).tool_choice == read


@pytest.mark.parametrize(
    ("choice", "read"),
    [
        (None, ToolChoice()),
        ("auto", ToolChoice()),
        ("none", ToolChoice("none")),
        ({"name": "g"}, ToolChoice("required", ("g",))),
    ],
)
def test_functions_of_old_can_be_chosen_in_theirs(choice: object, read: ToolChoice) -> None:
    assert parsed(functions=[{"name": "f"}, {"name": "g"}], function_call=choice).tool_choice == read


def test_the_present_form_of_a_choice_wins() -> None:
    assert parsed(tools=TOOLS, tool_choice="required", function_call="none").tool_choice == ToolChoice("required")


@pytest.mark.parametrize("tools", [None, []])
@pytest.mark.parametrize("choice", ["auto", "none"])
def test_a_choice_that_asks_for_nothing_needs_no_tools(tools: object, choice: str) -> None:
    assert parsed(tools=tools, tool_choice=choice).tools == ()


@pytest.mark.parametrize(
    ("given", "param", "message"),
    [
        ({"tools": TOOLS, "tool_choice": named("x")}, "tool_choice",
         "'tool_choice' names 'x', which is not among the tools"),
        ({"tools": TOOLS, "tool_choice": allowed("auto", "f", "y")}, "tool_choice",
         "'tool_choice' names 'y', which is not among the tools"),
        ({"tool_choice": named("f")}, "tool_choice", "'tool_choice' names 'f', which is not among the tools"),
        ({"tool_choice": "required"}, "tool_choice", "'tool_choice' asks for a call, but there are no tools"),
        ({"tools": [], "tool_choice": "required"}, "tool_choice",
         "'tool_choice' asks for a call, but there are no tools"),
        ({"functions": [{"name": "f"}], "function_call": {"name": "x"}}, "function_call",
         "'function_call' names 'x', which is not among the tools"),
    ],
)  # fmt: skip
def test_a_choice_that_cannot_be_made_is_refused(given: dict[str, object], param: str, message: str) -> None:
    error = refusal(**given)
    assert (error.param, error.message) == (param, message)


def test_a_name_of_any_length_is_not_repeated_in_full() -> None:
    long = "x" * 250
    assert len(refusal(tools=TOOLS, tool_choice=named(long)).message) < 200
    assert len(refusal(tools=[tool(long), tool(long, strict=True)]).message) < 200
