"""The pictures show what the program says now."""

from __future__ import annotations

import pytest
from publishing.pictures import FOLDER, SCENES, told
from publishing.terminal import drawn, text_in


def test_there_is_a_picture_of_every_scene_and_no_other() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(SCENES)


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
