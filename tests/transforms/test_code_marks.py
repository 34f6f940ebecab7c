import pytest

from argo_proxy.transforms.code_marks import CodeMarks


def inside(*pieces: str) -> bool:
    marks = CodeMarks()
    for piece in pieces:
        marks.feed(piece)
    return marks.inside


@pytest.mark.parametrize(
    "text",
    [
        "see `", "see `x` and `", "``", "`` a ` b", "a``` b", "```", "```py", "```\n", "   ```json\n{}\n", "~~~\n```\n",
        "````\n```\n", "```\n``` x\n", "```\n~~~\n", "a\n```\nb\n```\n\n~~~ `\n", "~~~a~~~\n", "```\n`\n`",
    ],
)  # fmt: skip
def test_these_places_are_inside_of_code(text: str) -> None:
    assert inside(text)
    assert inside(*text)


@pytest.mark.parametrize(
    "text",
    [
        "", "plain", "`x` ", "``x`` ", "`` ` `` ", "it's ` alone\n", "```\nx\n```\n", "```\nx\n`````  \n", "    ```\n",
        "~~~\n```\n~~~\n", "``` a`b\n", "```x``` then ", "``\n", "```\r\nx\r\n```\r\n", "x ```\n",
    ],
)  # fmt: skip
def test_these_places_are_not(text: str) -> None:
    assert not inside(text)
    assert not inside(*text)


def test_an_endless_line_is_told_by_its_beginning_however_it_is_cut() -> None:
    line = "```" + " " * 390 + "x" * 50
    for text in (f"```\n{line}\n", f"```\n{line}" + "`" * 1000 + "\n"):
        assert inside(text)
        assert inside(*text)
    closed = "```\n```" + " " * 397 + "x\n"
    assert inside(closed) == inside(closed[:200], closed[200:]) == inside(*closed)
