"""Every file in tests/cases tells one whole story; `pytest --update-cases` rewrites what the proxy says in it."""

from pathlib import Path

import pytest

from tests.cases.play import played
from tests.cases.story import read, write

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*/*.case"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CASES).with_suffix("")))
def test_the_story_goes_as_it_is_told(path: Path, request: pytest.FixtureRequest) -> None:
    told = path.read_text(encoding="utf-8")
    now = write(played(read(told)))
    if request.config.getoption("--update-cases"):
        path.write_text(now, encoding="utf-8")
    else:
        assert now == told


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CASES).with_suffix("")))
def test_a_story_says_what_it_is_about_and_is_whole(path: Path) -> None:
    story = read(path.read_text(encoding="utf-8"))
    assert story.about.startswith("# ")
    assert (story.call == "nothing") == (story.answers == ())


def test_there_are_stories() -> None:
    assert len(FILES) >= 20
