import pytest

from argo_proxy.canonical.chat import ChatRequest, Message, Text, Tool, ToolChoice
from argo_proxy.transforms.tool_choice import transform
from tests.known import card


@pytest.mark.parametrize(
    ("mode", "names", "tools", "left"),
    [
        ("auto", "", "fgh", ""),
        ("none", "", "fgh", ""),
        ("required", "", "fgh", ""),
        ("required", "g", "fgh", "g"),
        ("required", "hf", "fh", ""),
        ("auto", "g", "g", ""),
        ("auto", "hf", "fh", ""),
        ("none", "f", "f", ""),
    ],
)
def test_there_are_fewer_tools_or_one_that_must_be_called(mode: str, names: str, tools: str, left: str) -> None:
    hi = (Message("user", (Text("hi"),)),)
    done = transform(ChatRequest("x", hi, tuple(map(Tool, "fgh")), ToolChoice(mode, tuple(names))), card("gpt4o"))
    assert done.request == ChatRequest("x", hi, tuple(map(Tool, tools)), ToolChoice(mode, tuple(left)))
    assert (done.stage, done.check) == (None, None)
