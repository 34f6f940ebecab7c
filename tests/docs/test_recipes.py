"""Each recipe for maintainers can be followed: every change has its place, and there is a test of what it adds.

They are followed to the letter by tests/site, which `make docs` runs.
"""

from __future__ import annotations

import ast
import re

import pytest
from publishing.markdown import blocks
from publishing.reference import ROOT

PAGE = ROOT / "docs" / "maintainers" / "recipes.md"
BLOCKS = [*blocks(PAGE.read_text(encoding="utf-8"))]


def patched(text: str, diff: str) -> str:
    """The text with the changes, each of which has one place alone."""
    for hunk in re.split(r"^@@\n", diff, flags=re.MULTILINE):
        lines = [line or " " for line in hunk.splitlines()]
        old, new = ("".join(f"{line[1:]}\n" for line in lines if line[0] in kinds) for kinds in (" -", " +"))
        assert text.count(old) == 1, f"there is no one place for\n{old}"
        text = text.replace(old, new)
    return text


def changed() -> dict[str, str]:
    """The files that are other ones after all recipes, by their paths."""
    texts: dict[str, str] = {}
    for block in BLOCKS:
        if block.language == "diff":
            text = texts.get(block.title) or (ROOT / block.title).read_text(encoding="utf-8")
            texts[block.title] = patched(text, block.text)
        else:
            texts[block.title] = block.text
    return texts


def test_every_change_has_its_place_and_leaves_a_program_behind() -> None:
    for path, text in changed().items():
        if path.endswith(".py"):
            ast.parse(text)


def test_nothing_that_is_added_is_there_already() -> None:
    assert [block.title for block in BLOCKS if block.language != "diff" and (ROOT / block.title).exists()] == []


def test_every_recipe_has_a_test_or_a_story_of_its_own() -> None:
    recipes = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    untested = [name.partition("\n")[0] for name in recipes if 'title="tests/' not in name]
    assert untested == ["A setting"]  # the route uses it
    assert all(block.title for block in BLOCKS)


def test_a_change_without_its_place_is_an_error() -> None:
    with pytest.raises(AssertionError, match="no one place"):
        patched("a\nb\n", "-c\n+d\n")
