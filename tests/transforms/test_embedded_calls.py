import json
from collections.abc import Sequence
from functools import partial

import pytest

from argo_proxy.canonical.chat import ToolCall
from argo_proxy.transforms import embedded_calls
from argo_proxy.transforms.embedded_calls import CallFinder, Found, Spelling
from argo_proxy.transforms.leaked_calls import read_call
from argo_proxy.transforms.literals import LiteralReader
from argo_proxy.transforms.prompted_tools.words import spelling

TAGGED = spelling()
BARE = Spelling("{", partial(read_call, {"f"}))

F = '{"name": "f", "arguments": {}}'
CALL = f"<tool_call>{F}</tool_call>"
LEAK = "{'id': 'toolu_1', 'input': {}, 'name': 'f', 'type': 'tool_use'}"
CALLED = ("f",)
LONG = 200_000


def shown(found: Sequence[Found]) -> list[str | tuple[str, ...]]:
    """The texts, and of calls the names."""
    return [piece if isinstance(piece, str) else tuple(call.name for call in piece) for piece in found]


def merged(found: Sequence[str | tuple[str, ...]]) -> list[str | tuple[str, ...]]:
    """The same with adjacent texts in one."""
    out: list[str | tuple[str, ...]] = []
    for piece in found:
        last = out[-1] if out else ()
        out[-1:] = [last + piece] if isinstance(last, str) and isinstance(piece, str) else [*out[-1:], piece]
    return out


def find(spelled: Spelling, *pieces: str) -> list[str | tuple[str, ...]]:
    finder = CallFinder(spelled)
    return merged(shown([*(found for piece in pieces for found in finder.feed(piece)), *finder.finish()]))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("just text < and <tool", ["just text < and <tool"]),
        (CALL, [CALLED]),
        (f"<tool_call>\n{F}\n</tool_call>", [CALLED]),
        (f"a {CALL} b", ["a ", CALLED, " b"]),
        (f"{CALL}\n{CALL}", [CALLED, "\n", CALLED]),
        (f"<tool_call>[{F}, {F}]</tool_call>", [("f", "f")]),
        (f"<tool_call>{F}", [CALLED]),
        (f"<tool_call>{F} </tool_c", [CALLED]),
        (f"<tool_call>{F} </tool_x", [CALLED, " </tool_x"]),
        (f"<tool_call>\n```json\n{F}\n```\n</tool_call> so", [CALLED, " so"]),
        (f"<tool_call>```{F}```</tool_call>", [CALLED]),
        (f"<tool_call>{F}\n``` so", [CALLED, "\n``` so"]),
        (f"<tool_call>```js {F}", [f"<tool_call>```js {F}"]),
        (f"<tool_call>{F}\n{F}\n[{F}]</tool_call> so", [CALLED, CALLED, CALLED, " so"]),
        (f"<tool_call>{F} {{'x': 1}} so", [CALLED, " {'x': 1} so"]),
        (f"<tool_call>{F} {{'x': ", [CALLED, " {'x': "]),
        (f"<tool_call>{F}<tool_call>{F}", [CALLED, CALLED]),
        (f"<tool_call><tool_call>{F}</tool_call>", ["<tool_call>", CALLED]),
        (f"{CALL}</tool_call> so", [CALLED, " so"]),
        ("no call </tool_call> <tool_result>", ["no call </tool_call> <tool_result>"]),
        (f"{CALL}\n<tool_result name=", [CALLED, "\n"]),
        (f"{CALL}\n<tool_result name='f'>4</tool_result> So it is {CALL}", [CALLED, "\n"]),
        (f"{CALL}{' ' * 1001}</tool_call>", [CALLED, " " * 1001]),
        (f"<tool_call>{' ' * 1000}{F}", [CALLED]),
        (f"<tool_call>{' ' * 1001}{F}", [f"<tool_call>{' ' * 1001}{F}"]),
        ("<tool_call>\n", ["<tool_call>\n"]),
        ("<tool_call>f()</tool_call>", ["<tool_call>f()</tool_call>"]),
        ("<tool_call>{'name': f}</tool_call>", ["<tool_call>{'name': f}</tool_call>"]),
        ('<tool_call>{"x": 1}</tool_call>', ['<tool_call>{"x": 1}</tool_call>']),
        ('<tool_call>{"name": "f", "argum', ['<tool_call>{"name": "f", "argum']),
        (f'<tool_call>{{"x": "{CALL.replace(chr(34), chr(39))}', ['<tool_call>{"x": "', CALLED]),
        (f"`{CALL}` and ``{CALL}``", [f"`{CALL}` and ``{CALL}``"]),
        (f"```\n{CALL}\n```\n{CALL}", [f"```\n{CALL}\n```\n", CALLED]),
        ('<tool_call>{"name": "</tool_call>}{"}</tool_call>', [("</tool_call>}{",)]),
    ],
)
def test_calls_between_tags_are_found_however_the_text_is_cut(text: str, found: list[str | tuple[str, ...]]) -> None:
    assert find(TAGGED, text) == found
    assert find(TAGGED, *text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (LEAK, [CALLED]),
        (f"So: {LEAK}\n\n{LEAK}.", ["So: ", CALLED, "\n\n", CALLED, "."]),
        (f"{{{LEAK}", ["{", CALLED]),
        (f"{{'a': {LEAK}}}", [f"{{'a': {LEAK}}}"]),
        (f"{{'a': {LEAK}", ["{'a': ", CALLED]),
        (f"`{LEAK}`", [f"`{LEAK}`"]),
        (f"~~~\n{LEAK}", [f"~~~\n{LEAK}"]),
        (LEAK[:-1], [LEAK[:-1]]),
        ("f(){ return {}; }", ["f(){ return {}; }"]),
    ],
)
def test_calls_without_tags_are_found_however_the_text_is_cut(text: str, found: list[str | tuple[str, ...]]) -> None:
    assert find(BARE, text) == found
    assert find(BARE, *text) == found


def test_each_piece_brings_all_that_is_plain() -> None:
    finder = CallFinder(TAGGED)
    pieces = [
        "See <b> <tool",
        "_box><tool_call>",
        " {x",
        "} <tool_call>{'name': ",
        "'f'",
        "}",
        "\n</tool",
        "_call>",
        ".",
    ]
    assert [shown(finder.feed(piece)) for piece in pieces] == [
        ["See <b> "], ["<tool_box>"], ["<tool_call> {x"], ["} "], [], [CALLED], [], [], ["."],
    ]  # fmt: skip
    assert finder.finish() == []


def test_nothing_is_told_after_a_made_up_result() -> None:
    finder = CallFinder(TAGGED)
    assert shown(finder.feed(f"{CALL}<tool_result")) == [CALLED]
    assert finder.ended
    assert [*finder.feed(f" more {CALL}"), *finder.finish()] == []


def test_a_call_comes_with_its_arguments() -> None:
    [calls] = CallFinder(BARE).feed("{'id': 'toolu_1', 'input': {'x': True}, 'name': 'f', 'type': 'tool_use'}")
    assert calls == (ToolCall("toolu_1", "f", '{"x": true}'),)


@pytest.mark.parametrize(
    "text",
    [
        "{" * LONG,
        '{"a":' * (LONG // 5),
        '{"a":' * 95 + "[" + "1," * (LONG // 2),
        '{"a": "' + "{'x':" * 100 + "'" + "[1," * (LONG // 3),
        '{"a":' * 95 + "[" + "1," * (LONG // 2) + "!",
        "<tool_call>" * (LONG // 11),
        '<tool_call>{"a":' * (LONG // 16),
        ("<tool_call>{'a': [" + "1," * 40) * (LONG // 100),
    ],
)
@pytest.mark.parametrize("spelled", [TAGGED, BARE])
def test_hostile_text_is_passed_on_with_work_that_is_linear(
    text: str, spelled: Spelling, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0

    class Counted(LiteralReader):
        def feed(self, text: str, at: int = 0) -> int:
            nonlocal read
            taken = super().feed(text, at)
            read += taken - at
            return taken

    monkeypatch.setattr(embedded_calls, "LiteralReader", Counted)
    finder = CallFinder(spelled)
    found = [*(found for at in range(0, len(text), 4096) for found in finder.feed(text[at : at + 4096]))]
    assert "".join(map(str, [*found, *finder.finish()])) == text
    assert read <= 5 * len(text)


def test_a_call_is_found_behind_much_that_looks_like_one() -> None:
    looks = "<tool_call>{'name': 'f', 'arguments': {'x': 1}, }, }"
    assert find(TAGGED, looks * 2000 + CALL)[-1] == CALLED


def test_a_long_call_is_found() -> None:
    arguments = json.dumps({"text": "{<tool_call>" * 50_000})
    text = f'<tool_call>{{"name": "f", "arguments": {arguments}}}</tool_call>'
    finder = CallFinder(TAGGED)
    found = [found for at in range(0, len(text), 1000) for found in finder.feed(text[at : at + 1000])]
    assert found == [(ToolCall("", "f", arguments),)]


FENCED = '<tool_call>\n```json\n{"name": "f", "arguments": {}}\n```\n'


@pytest.mark.parametrize(
    ("text", "calls", "shown"),
    [
        (FENCED + "</tool_call> so", 1, " so"),
        (FENCED + "so", 1, "so"),
        (FENCED + FENCED, 2, ""),
        (FENCED + "</tool_call>" + FENCED, 2, ""),
        ('<tool_call>```{"name": "f"}```</tool_call>', 1, ""),
        ('<tool_call>{"name": "f"}\n{"name": "g"}\n</tool_call> so', 2, " so"),
        ('<tool_call>{"name": "f"}\n```\ncode\n```\n<tool_call>{"name": "f"}</tool_call>', 2, "\n```\ncode\n```\n"),
        ("<tool_call>\n```json\nnothing\n```", 0, "<tool_call>\n```json\nnothing\n```"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_a_call_may_stand_in_a_code_block_or_beside_another_inside_its_tags(
    text: str, calls: int, shown: str, size: int
) -> None:
    finder = CallFinder(spelling())
    found = [one for at in range(0, len(text), size) for one in finder.feed(text[at : at + size])]
    found += finder.finish()
    assert sum(len(one) for one in found if isinstance(one, tuple)) == calls
    assert "".join(one for one in found if isinstance(one, str)) == shown
