import json

import msgspec
import pytest

from argo_proxy.canonical.chat import ToolCall
from argo_proxy.canonical.errors import UpstreamError
from argo_proxy.upstreams.resource.calls import WireCall, is_complete, read_call


def read(wire: object) -> ToolCall:
    return read_call(msgspec.json.decode(json.dumps(wire), type=WireCall))


def openai(arguments: object) -> object:
    return {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": arguments}}


@pytest.mark.parametrize(
    ("wire", "call"),
    [
        (openai('{"a": 1}'), ToolCall("call_1", "f", '{"a": 1}')),
        (openai({"a": 1}), ToolCall("call_1", "f", '{"a": 1}')),
        ({"id": "toolu_1", "type": "tool_use", "name": "f", "input": {"a": 1}}, ToolCall("toolu_1", "f", '{"a": 1}')),
        ({"id": "toolu_1", "name": "f", "input": '{"a": 1}'}, ToolCall("toolu_1", "f", '{"a": 1}')),
        ({"id": None, "name": "f", "args": {"a": 1}}, ToolCall("", "f", '{"a": 1}')),
        ({"id": "x", "name": "f", "args": {"a": 1}}, ToolCall("x", "f", '{"a": 1}')),
        ({"name": "f", "args": '{"a": 1}', "thought_signature": "s"}, ToolCall("", "f", '{"a": 1}')),
    ],
)
def test_a_call_is_read_in_the_spelling_of_every_provider(wire: object, call: ToolCall) -> None:
    assert read(wire) == call


@pytest.mark.parametrize("nothing", ["", " ", "null", None, {}, "{}"])
def test_no_arguments_are_an_empty_object(nothing: object) -> None:
    for wire in (openai(nothing), {"name": "f", "input": nothing}, {"name": "f", "args": nothing}):
        assert read(wire).arguments == "{}"
    assert read({"name": "f"}).arguments == "{}"
    assert read({"function": {"name": "f"}}).arguments == "{}"


@pytest.mark.parametrize(
    "arguments", ['{"a": "\\u00e9 \\" é 🦜"}', '{"a":', "not json", "[1]", ' {"a" : 1.0}\n', '"x"']
)
def test_arguments_are_kept_to_the_letter(arguments: str) -> None:
    assert read(openai(arguments)).arguments == arguments


def test_numbers_in_an_object_are_kept_to_the_letter() -> None:
    wire = msgspec.json.decode(b'{"name":"f","args": {"a": 1.0, "b": 1e2, "c": 123456789012345678901}}', type=WireCall)
    assert read_call(wire).arguments == '{"a": 1.0, "b": 1e2, "c": 123456789012345678901}'


@pytest.mark.parametrize("wire", [{}, {"name": ""}, {"name": None, "args": {}}, {"function": {"arguments": "{}"}}])
def test_a_call_without_a_name_is_the_gateways_fault(wire: object) -> None:
    with pytest.raises(UpstreamError, match="calls a tool without a name") as caught:
        read(wire)
    assert (caught.value.http_status, caught.value.http_code) == (502, "bad_answer")


@pytest.mark.parametrize(
    ("arguments", "complete"),
    [
        ("{}", True),
        ('{"a": [1, {"b": "c"}]}', True),
        ('{"a": "half a pair: \\ud83e"}', True),
        ('{"a": 1e999}', True),
        ('{"a": 123456789012345678901234567890}', True),
        ("", False),
        ("{", False),
        ('{"a": "b', False),
        ('{"a": 1', False),
        ("[" * 100_000, False),
    ],
)
def test_arguments_that_end_early_are_not_complete(arguments: str, complete: bool) -> None:
    assert is_complete(ToolCall("1", "f", arguments)) is complete
