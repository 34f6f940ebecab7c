"""The pictures show what the program says now."""

from __future__ import annotations

from pathlib import Path

import pytest
from publishing.page import browser, photograph
from publishing.pictures import FOLDER, SCENES, told
from publishing.terminal import drawn, text_in


def test_there_is_a_picture_of_every_scene_and_no_other() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*(f"{name}.svg" for name in SCENES), "page.png"}


@pytest.mark.skipif(browser() is None, reason="there is no Chromium here")
def test_the_page_can_be_photographed(tmp_path: Path) -> None:
    command = browser()
    assert command is not None
    photograph(command, tmp_path / "page.png")
    taken, kept = ((folder / "page.png").read_bytes() for folder in (tmp_path, FOLDER))
    assert taken[:24] == kept[:24], "make pictures"  # the kind of file, and its width and height


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_shows_what_is_said_now(name: str) -> None:
    picture = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    scene = SCENES[name]
    assert text_in(drawn(told(scene), scene.columns, name)) == text_in(picture), "make pictures"


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_tells_nothing_of_who_made_it_and_loads_nothing(name: str) -> None:
    picture = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert "/tmp/" not in picture
    assert "url(http" not in picture
