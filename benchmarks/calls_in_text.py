"""What it costs to find calls in text, by the length of the text: linear if the columns of a row are about equal.

Microseconds of CPU time per 1,000 characters, least of three runs, fed whole and in pieces of 20 characters. Each text
is made longer by more of the same, also the hostile ones, which are built to be read in as many attempts as can be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from time import process_time

from argo_proxy.transforms.embedded_calls import CallFinder, Spelling
from argo_proxy.transforms.leaked_calls import read_call
from argo_proxy.transforms.prompted_tools.words import spelling

LENGTHS = (10_000, 100_000, 1_000_000)
PIECE_CHARS = 20

IN_TAGS = spelling()
LEAKED = Spelling("{", partial(read_call, {"search"}))
CALL = '<tool_call>\n{"name": "search", "arguments": {"q": "some words"}}\n</tool_call>\n'
LEAK = "{'id': 'toolu_1', 'input': {'q': 'some words'}, 'name': 'search', 'type': 'tool_use'} "


def repeated(unit: str) -> Callable[[int], str]:
    return lambda length: (unit * (length // len(unit) + 1))[:length]


def one_long_call(length: int) -> str:
    return '<tool_call>{"name": "search", "arguments": {"q": "' + "words " * (length // 6) + '"}}</tool_call>'


TEXTS: tuple[tuple[str, Spelling, Callable[[int], str]], ...] = (
    ("prose", IN_TAGS, repeated("The quick brown fox jumps over the lazy dog.\n")),
    ("many calls in tags", IN_TAGS, repeated(CALL)),
    ("one call with long arguments", IN_TAGS, one_long_call),
    ("hostile: tags that never close", IN_TAGS, repeated('<tool_call>{"a": [')),
    ("hostile: beginnings of tags", IN_TAGS, repeated("<tool_cal")),
    ("many leaked calls", LEAKED, repeated(LEAK)),
    ("other JSON", LEAKED, repeated('{"a": [1, 2.5, true], "b": {"c": "d"}}\n')),
    ("hostile: dicts in dicts in dicts", LEAKED, repeated("{'id': ")),
)


def cost(finder: CallFinder, text: str, piece_chars: int) -> float:
    """Microseconds for each 1,000 characters."""
    started_s = process_time()
    for at in range(0, len(text), piece_chars):
        finder.feed(text[at : at + piece_chars])
    finder.finish()
    return (process_time() - started_s) * 1e6 / (len(text) / 1000)


def row(name: str, kind: Spelling, make: Callable[[int], str]) -> str:
    cells = []
    for length in LENGTHS:
        text = make(length)
        for piece_chars in (len(text), PIECE_CHARS):
            cells.append(f"{min(cost(CallFinder(kind), text, piece_chars) for _ in range(3)):.0f}")
    return f"| {name} | " + " | ".join(cells) + " |\n"


def main() -> None:
    heads = [f"{length // 1000} k, {how}" for length in LENGTHS for how in ("whole", "pieces")]
    sys.stdout.write("| text | " + " | ".join(heads) + " |\n" + "|---" * (len(heads) + 1) + "|\n")
    for text in TEXTS:
        sys.stdout.write(row(*text))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
